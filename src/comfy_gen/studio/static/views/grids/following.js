/** Follows the jobs of grids, and keeps how they stand, so that a reload and a restart find them. */

import { get } from '../../core/api.js';
import { heed, isOver, jobOf } from '../../core/live.js';
import { signal } from '../../core/signals.js';
import { few } from './few.js';
import { jobIdOf, placeOf } from './identity.js';
import { keepCells, recallCells } from './kept.js';
import { cellsOf } from './plan.js';
import { GONE, recalled, standingOf, WAITING } from './standing.js';

/** @typedef {import('./kept.js').Grid} Grid */
/** @typedef {import('./standing.js').Standing} Standing */
/** @typedef {import('../../core/signals.js').Signal<Standing>} Followed */

const AT_ONCE = 4;
const KEEP_AFTER = 300;
const MOST_LISTED = 500;

/** @type {Map<string, Followed[]>} By grid, each in the order of its cells. */
const followed = new Map();
/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const keeping = new Map();

heed((job) => {
    const { grid, index } = placeOf(job.id);
    const found = followed.get(grid)?.[index];
    if (found) put(grid, found, standingOf(job));
});
addEventListener('pagehide', () => {
    for (const id of [...keeping.keys()]) keepNow(id);
});

/**
 * How each cell of a grid stands.
 * @param {Grid} grid
 * @returns {readonly Followed[]}
 */
export function standingsOf(grid) {
    const known = followed.get(grid.id);
    if (known) return known;
    const kept = recallCells(grid.id);
    const made = cellsOf(grid.axes).map(({ index }) => {
        const job = jobOf(jobIdOf(grid.id, index))?.peek();
        return signal(job ? standingOf(job) : recalled(kept[index]));
    });
    followed.set(grid.id, made);
    return made;
}

/**
 * Say how a cell stands, and have that kept.
 * @param {Grid} grid
 * @param {number} index
 * @param {Standing} standing
 */
export function settle(grid, index, standing) {
    const found = standingsOf(grid)[index];
    if (found) put(grid.id, found, standing);
}

/** @param {string} id */
export function unfollow(id) {
    clearTimeout(keeping.get(id));
    keeping.delete(id);
    followed.delete(id);
}

/**
 * Ask how all cells stand: nobody may have listened for days. It is one question, but for what has ended meanwhile.
 * @param {Grid} grid
 * @param {AbortSignal} [until]
 */
export async function catchUp(grid, until) {
    const cells = standingsOf(grid);
    const sent = cells.map((cell) => cell.peek().isSent); // what is sent while the answer is on its way is not in it
    const page = /** @type {Wire<'JobPage'>} */ (await get('/jobs', { text: grid.id, limit: MOST_LISTED }, until));
    const listed = new Map(page.jobs.map((job) => [job.id, job]));
    const unknown = cells.flatMap((cell, index) => {
        const id = jobIdOf(grid.id, index);
        if (jobOf(id)) return []; // the stream knows better
        const job = listed.get(id);
        if (job && isOver(job)) return hasEnded(cell.peek(), job.state) ? [] : [index];
        if (job) settle(grid, index, WAITING);
        else if (sent[index]) settle(grid, index, GONE);
        return [];
    });
    await few(unknown, AT_ONCE, async (index) => {
        const path = `/result/${encodeURIComponent(jobIdOf(grid.id, index))}`;
        settle(grid, index, standingOf(/** @type {Wire<'Result'>} */ (await get(path, {}, until))));
    });
}

/**
 * Tell whether a cell stands already as its job has ended.
 * @param {Standing} standing
 * @param {string} state
 */
function hasEnded({ state: known, isSent }, state) {
    if (!isSent) return false;
    return state === 'completed' || state === 'partial' ? known === 'done' : known === state;
}

/**
 * @param {string} grid
 * @param {Followed} cell
 * @param {Standing} standing
 */
function put(grid, cell, standing) {
    const before = cell.peek();
    cell.value = standing;
    if (before.state !== standing.state && !keeping.has(grid))
        keeping.set(
            grid,
            setTimeout(() => keepNow(grid), KEEP_AFTER),
        );
}

/** @param {string} id */
function keepNow(id) {
    clearTimeout(keeping.get(id));
    keeping.delete(id);
    const cells = (followed.get(id) ?? []).map((cell, index) => /** @type {const} */ ([index, cell.peek()]));
    const told = cells.filter(([, { state }]) => state !== 'unsent');
    keepCells(id, Object.fromEntries(told.map(([index, standing]) => [index, { ...standing, eta: null }])));
}
