/** Keeps the focus near where it was, when the row that has it goes or is put elsewhere. */

import { listen } from '../../core/dom.js';
import { ended } from '../../core/signals.js';

/** @typedef {{ element: HTMLElement, list: Element, at: number }} Held */

/** @param {HTMLElement} root */
export function keepFocus(root) {
    /** @type {Held | null} */
    let held = null;
    root.addEventListener('focusin', (event) => {
        held = heldBy(/** @type {HTMLElement} */ (event.target));
    });
    listen(document, 'pointerdown', () => {
        held = null; // somebody means to be elsewhere
    });
    const watching = new MutationObserver(() => {
        if (held && isLost(root)) nearest(held, root)?.focus({ preventScroll: held.element.isConnected });
        else if (held?.element.isConnected) held = heldBy(held.element);
    });
    watching.observe(root, { childList: true, subtree: true });
    ended(() => watching.disconnect());
}

/**
 * @param {HTMLElement} element
 * @returns {Held | null}
 */
function heldBy(element) {
    const row = element.closest('[data-job]');
    const list = row?.parentElement;
    return row && list ? { element, list, at: [...list.children].indexOf(row) } : null;
}

/** @param {HTMLElement} root */
const isLost = (root) => root.isConnected && (!document.activeElement || document.activeElement === document.body);

/**
 * @param {Held} held
 * @param {HTMLElement} root
 * @returns {HTMLElement | null}
 */
function nearest({ element, list, at }, root) {
    if (element.isConnected) return element;
    const row = list.children[Math.min(at, list.children.length - 1)];
    const next = /** @type {HTMLElement | null | undefined} */ (row?.querySelector('.live-title button'));
    return next ?? root.querySelector('h1');
}
