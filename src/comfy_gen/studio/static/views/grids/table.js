/** One sheet of a grid as a table, which is gone through with the arrow keys. After the ARIA pattern of a grid. */

import { h } from '../../core/dom.js';
import { ledTo } from './arrows.js';
import { cell } from './cell.js';
import { jobIdOf } from './identity.js';
import { cellText, labelsOf } from './plan.js';

/** @typedef {import('./kept.js').Grid} Grid */
/**
 * @typedef {object} TableOptions
 * @property {Grid} grid
 * @property {number} sheet
 * @property {readonly import('./following.js').Followed[]} standings
 * @property {import('../../core/signals.js').Signal<number>} chosen The index of the cell that has, or had, the focus.
 * @property {() => number} width
 * @property {(index: number) => unknown} open
 * @property {(index: number) => unknown} retry
 */

/** @param {TableOptions} options */
export function table(options) {
    const { grid, sheet, chosen, width } = options;
    const { x, y } = grid.axes;
    const [columns, rows] = [labelsOf(x), labelsOf(y)];
    const size = { across: columns.length, down: rows.length };
    const first = sheet * size.across * size.down;
    /** @type {HTMLElement[]} */
    const cells = [];
    const indexOf = (/** @type {{ x: number, y: number }} */ at) => first + at.y * size.across + at.x;
    const isHere = () => chosen.value >= first && chosen.value < first + size.across * size.down;
    const reached = () => (isHere() ? chosen.value : first);
    const press = (/** @type {KeyboardEvent} */ event) => {
        if (!(event.target instanceof HTMLElement) || event.target.closest('button')) return;
        const at = chosen.peek() - first;
        const target = ledTo(event.key, { x: at % size.across, y: Math.floor(at / size.across) }, size, event.ctrlKey);
        if (!target && event.key !== 'Enter') return;
        event.preventDefault();
        if (target) cells[indexOf(target) - first]?.focus();
        else options.open(chosen.peek());
    };
    const one = (/** @type {number} */ row, /** @type {number} */ column) => {
        const index = indexOf({ x: column, y: row });
        const made = gridCell(options, { index, x: column, y: row, z: sheet }, reached);
        cells.push(made);
        return made;
    };
    return h(
        'div',
        { class: 'grids-box', style: () => ({ '--grids-cell': `${width()}px`, '--grids-ratio': ratioOf(grid) }) },
        h(
            'table',
            { class: 'grids-table', role: 'grid', 'aria-label': grid.name, onkeydown: press },
            h(
                'thead',
                null,
                h(
                    'tr',
                    { role: 'row' },
                    y
                        ? h(
                              'th',
                              { class: 'grids-corner', role: 'columnheader', scope: 'col' },
                              corner(x.title, y.title),
                          )
                        : null,
                    columns.map((text) =>
                        h(
                            'th',
                            { scope: 'col', role: 'columnheader' },
                            h('span', { class: y ? 'unseen' : 'dim small' }, `${x.title} `),
                            clamped(text),
                        ),
                    ),
                ),
            ),
            h(
                'tbody',
                null,
                rows.map((text, row) =>
                    h(
                        'tr',
                        { role: 'row' },
                        y
                            ? h(
                                  'th',
                                  { scope: 'row', role: 'rowheader' },
                                  h('span', { class: 'unseen' }, `${y.title} `),
                                  clamped(text),
                              )
                            : null,
                        columns.map((_, column) => one(row, column)),
                    ),
                ),
            ),
        ),
    );
}

/**
 * @param {TableOptions} options
 * @param {import('./plan.js').Cell} at
 * @param {() => number} reached The cell that Tab leads to.
 */
function gridCell({ grid, standings, chosen, width, open, retry }, at, reached) {
    const { index } = at;
    const standing = /** @type {import('./following.js').Followed} */ (standings[index]);
    return h(
        'td',
        {
            role: 'gridcell',
            class: 'grids-cell',
            tabindex: () => (reached() === index ? '0' : '-1'),
            'aria-selected': () => String(chosen.value === index),
            onfocus: () => {
                chosen.value = index;
            },
            ondblclick: () => open(index),
        },
        cell({
            job: jobIdOf(grid.id, index),
            text: cellText(grid.axes, at),
            standing,
            width,
            retry: () => retry(index),
        }),
    );
}

/**
 * @param {string} x
 * @param {string} y
 */
const corner = (x, y) => [h('span', { class: 'grids-x' }, `${x} →`), h('span', { class: 'grids-y' }, `${y} ↓`)];

/** @param {string} text */
const clamped = (text) => h('span', { class: 'grids-label', title: text }, text);

/** @param {Grid} grid */
function ratioOf({ base, axes }) {
    const isSized = [axes.x, axes.y, axes.z].some((axis) => axis?.parameter === 'size');
    return base.width && base.height && !isSized ? `${base.width} / ${base.height}` : '1 / 1';
}
