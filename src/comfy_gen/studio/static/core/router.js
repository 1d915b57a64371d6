/** Which view is shown: the last part of the page's address, with what it says after the question mark. */

import { ROOT } from './api.js';
import { signal } from './signals.js';

/** @typedef {{ view: string, query: URLSearchParams }} Place */

export const place = signal(read());

/**
 * Return the address of a view.
 * @param {string} view
 * @param {Record<string, string>} [query]
 */
export function linkTo(view, query = {}) {
    const said = new URLSearchParams(query).toString();
    return `${ROOT}/studio/${view}${said && `?${said}`}`;
}

/**
 * Show a view, as if a link to it had been followed.
 * @param {string} view
 * @param {Record<string, string>} [query]
 * @param {{ replace?: boolean }} [how] With `replace`, going back does not come here again.
 */
export function go(view, query = {}, { replace = false } = {}) {
    const address = linkTo(view, query);
    if (replace) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    place.value = read();
}

/** Follow links within the studio without loading the page anew. Called once. */
export function follow() {
    addEventListener('popstate', () => {
        place.value = read();
    });
    document.addEventListener('click', (event) => {
        const link = event.target instanceof Element ? event.target.closest('a') : null;
        const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
        if (!link || !isPlain || event.defaultPrevented || link.target || link.hasAttribute('download')) return;
        if (link.origin !== location.origin || !link.pathname.startsWith(`${ROOT}/studio/`)) return;
        event.preventDefault();
        history.pushState(null, '', link.href);
        place.value = read();
    });
}

/** @returns {Place} */
function read() {
    return { view: location.pathname.split('/').pop() ?? '', query: new URLSearchParams(location.search) };
}
