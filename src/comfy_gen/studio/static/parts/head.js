/** The head of a view: its name, and what can be done with all of it. */

import { h } from '../core/dom.js';

/**
 * @param {import('./fields.js').Live<string>} title
 * @param {...import('../core/dom.js').Child} actions
 */
export function head(title, ...actions) {
    return h('header', { class: 'head' }, h('h1', { tabindex: '-1' }, title), h('div', { class: 'row' }, actions));
}
