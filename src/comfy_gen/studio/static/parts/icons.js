/** The studio's icons: lines on a grid of 24, in the colour of the text around them. They are never read aloud. */

import { svg } from '../core/dom.js';

/**
 * Draw dots that are seen as such: a line of no length is hardly wider than the others.
 * @param {...readonly [number, number]} places
 */
const dots = (...places) => places.map(([x, y]) => `M${x - 0.6} ${y}a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0z`).join('');

const PATHS = {
    add: 'M12 5v14M5 12h14',
    back: 'M15 5l-7 7 7 7',
    brush: 'M4 20c3 0 5-1 5-4l9-11c1-1 3 1 2 2L9 16M9 16c-1-1-2-1-3-1',
    cancel: 'M6 6l12 12M18 6L6 18',
    categories: 'M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z',
    chart: 'M4 19h16M6 16l4-5 3 3 5-7',
    check: 'M5 12.500l4.500 4.500L19 7',
    compare: 'M12 4v16M4 6h16v12H4zM8 12l-2 0M16 12h2',
    copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
    create: 'M4 20l4-1L19 8l-3-3L5 16zM14 7l3 3',
    down: 'M6 9l6 6 6-6',
    download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
    drag: dots([9, 6], [15, 6], [9, 12], [15, 12], [9, 18], [15, 18]),
    engine: 'M5 5h14v6H5zM5 13h14v6H5zM8 8h.01M8 16h.01M12 8h4M12 16h4',
    erase: 'M8.500 20h12M4.500 14.500l9-10 6.500 6-8 9.500H9zM9 9.500l6.500 6',
    filter: 'M4 5h16l-6 8v6l-4-2v-4z',
    fleet: 'M5 5h14v6H5zM5 13h14v6H5zM8 8h.01M8 16h.01M12 8h4M12 16h4',
    gallery: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9h.01',
    grids: 'M4 4h16v16H4zM4 9.500h16M4 14.700h16M9.500 4v16M14.700 4v16',
    heart: 'M12 20S4 15 4 9.500A4 4 0 0 1 12 8a4 4 0 0 1 8 1.500C20 15 12 20 12 20z',
    image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9h.01',
    key: 'M8 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 12h9v4M17 12v3',
    leave: 'M14 5H5v14h9M11 12h10M17 8l4 4-4 4',
    live: 'M4 12h4l2-6 4 12 2-6h4',
    lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
    minus: 'M5 12h14',
    more: dots([5.5, 12], [12, 12], [18.5, 12]),
    pause: 'M8 5v14M16 5v14',
    play: 'M7 5l12 7-12 7z',
    redo: 'M20 8H9a5 5 0 0 0 0 10h6M16 4l4 4-4 4',
    refresh: 'M20 5v5h-5M4 19v-5h5M19 10A7.500 7.500 0 0 0 6 7.500M5 14a7.500 7.500 0 0 0 13 2.500',
    right: 'M9 5l7 7-7 7',
    save: 'M5 4h11l4 4v12H5zM8 4v5h7V4M8 20v-6h8v6',
    search: 'M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16 16l4.500 4.500',
    seed: 'M5 5h14v14H5zM9 9h.01M15 15h.01M12 12h.01M15 9h.01M9 15h.01',
    settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
    star: 'M12 4l2.500 5.200 5.500.800-4 4 1 5.700L12 17l-5 2.700 1-5.700-4-4 5.500-.800z',
    tag: 'M4 4h8l8 8-8 8-8-8zM8 8h.01',
    trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5',
    undo: 'M4 8h11a5 5 0 0 1 0 10H9M8 4L4 8l4 4',
    unlock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 6.500-1.800',
    up: 'M6 15l6-6 6 6',
    upload: 'M12 16V5M7 9l5-5 5 5M5 20h14',
    warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
    workflows: 'M4 5h6v5H4zM14 14h6v5h-6zM10 7.500h3.500V16H14',
    zoom: 'M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16 16l4.500 4.500M11 8v6M8 11h6',
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * Draw an icon.
 * @param {IconName} name
 * @param {string} [more] Further classes.
 */
export function icon(name, more = '') {
    return svg(
        'svg',
        { class: ['icon', more], viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
        svg('path', { d: PATHS[name] }),
    );
}
