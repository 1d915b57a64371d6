/** The views of the studio, each loaded when it is first shown. */

/**
 * @typedef {object} View
 * @property {string} title
 * @property {import('../parts/icons.js').IconName} icon
 * @property {() => Promise<{ view: () => Node }>} load
 */

/** @type {Record<string, View>} */
export const VIEWS = {
    create: { title: 'Create', icon: 'create', load: () => import('../views/create/view.js') },
    live: { title: 'Live', icon: 'live', load: () => import('../views/live/view.js') },
    gallery: { title: 'Gallery', icon: 'gallery', load: () => import('../views/gallery/view.js') },
    grids: { title: 'Grids', icon: 'grids', load: () => import('../views/grids/view.js') },
    workflows: { title: 'Workflows', icon: 'workflows', load: () => import('../views/workflows/view.js') },
    categories: { title: 'Categories', icon: 'categories', load: () => import('../views/categories/view.js') },
    fleet: { title: 'Fleet', icon: 'fleet', load: () => import('../views/fleet/view.js') },
    settings: { title: 'Settings', icon: 'settings', load: () => import('../views/settings/view.js') },
};

/** The view that is shown where the address names none. */
export const FIRST = 'create';
