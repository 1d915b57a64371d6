/** Tables with a line of headings. */

import { h } from '../core/dom.js';

/**
 * Lay out a table.
 * @param {readonly import('../core/dom.js').Child[]} heads What is above each column.
 * @param {import('../core/dom.js').Child} rows
 * @param {import('../core/dom.js').Child} [caption]
 */
export function table(heads, rows, caption = null) {
    return h(
        'table',
        null,
        caption,
        h(
            'thead',
            null,
            h(
                'tr',
                null,
                heads.map((one) => h('th', { scope: 'col' }, one)),
            ),
        ),
        h('tbody', null, rows),
    );
}

/**
 * Return what is read aloud and not shown.
 * @param {string} text
 */
export const unseen = (text) => h('span', { class: 'unseen' }, text);
