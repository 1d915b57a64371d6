/** The grids that this browser knows: what each is made of, and how its cells stood last. */

import { forget, keep, recall } from '../../core/kept.js';
import { signal } from '../../core/signals.js';

/**
 * @typedef {object} Grid
 * @property {string} id
 * @property {string} name
 * @property {number} created Seconds since 1970.
 * @property {import('../create/draft.js').Draft} base
 * @property {import('./plan.js').Axes} axes
 * @property {Record<import('./plan.js').AxisName, import('./plan.js').WrittenAxis>} written
 * @property {boolean} isStopped Whether what was not sent is to stay so.
 */

const LIST = 'grids';
/** So many are known; the oldest are forgotten, not their pictures. */
const MOST = 40;

/** The grids, the newest first. */
export const grids = signal(listed());

/** @param {string} id */
export const gridOf = (id) => grids.value.find((one) => one.id === id);

/** @param {Grid} grid */
export function addGrid(grid) {
    const all = [grid, ...listed()];
    for (const old of all.slice(MOST)) forget(cellsKey(old.id));
    put(all.slice(0, MOST));
}

/**
 * @param {string} id
 * @param {Partial<Grid>} part
 */
export const changeGrid = (id, part) => put(listed().map((one) => (one.id === id ? { ...one, ...part } : one)));

/**
 * Forget a grid; its pictures stay in the gallery.
 * @param {string} id
 */
export function removeGrid(id) {
    forget(cellsKey(id));
    put(listed().filter((one) => one.id !== id));
}

/**
 * How the cells of a grid stood last.
 * @param {string} id
 * @returns {Record<string, unknown>}
 */
export const recallCells = (id) => recall(cellsKey(id), {}) ?? {};

/**
 * @param {string} id
 * @param {Record<string, unknown>} cells
 */
export const keepCells = (id, cells) => keep(cellsKey(id), cells);

/** @param {string} id */
const cellsKey = (id) => `grids:${id}`;

/**
 * Read them anew each time: another tab may have made one.
 * @returns {readonly Grid[]}
 */
function listed() {
    const found = /** @type {Grid[]} */ (recall(LIST, []));
    return Array.isArray(found) ? found.filter((one) => one?.id && one.axes?.x && one.base) : [];
}

/** @param {readonly Grid[]} all */
function put(all) {
    keep(LIST, all);
    grids.value = all;
}
