/** Keeps small things in the browser: what was being written, how somebody likes it. Nothing here is secret. */

import { effect, signal } from './signals.js';

const PREFIX = 'comfygen:';

/**
 * Return what is kept under a name; the other value where nothing is, or nothing that can be read.
 * @template T
 * @param {string} name
 * @param {T} otherwise
 * @returns {T}
 */
export function recall(name, otherwise) {
    try {
        const text = localStorage.getItem(PREFIX + name);
        return text === null ? otherwise : JSON.parse(text);
    } catch {
        return otherwise; // a browser that keeps nothing, or what another version wrote
    }
}

/**
 * Keep something; where the browser does not, the page goes on without.
 * @param {string} name
 * @param {unknown} value
 */
export function keep(name, value) {
    try {
        localStorage.setItem(PREFIX + name, JSON.stringify(value));
    } catch {
        // full, or forbidden
    }
}

/**
 * Keep something no longer.
 * @param {string} name
 */
export function forget(name) {
    try {
        localStorage.removeItem(PREFIX + name);
    } catch {
        // forbidden: nothing was kept either
    }
}

/**
 * A signal that is the same again after the page was loaded anew. To be made once, outside of any scope.
 * @template T
 * @param {string} name
 * @param {T} initial
 */
export function keptSignal(name, initial) {
    const made = signal(recall(name, initial));
    effect(() => keep(name, made.value));
    return made;
}
