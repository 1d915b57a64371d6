/**
 * Sends the cells of grids, a few at a time. The id of each job is known before, so that a cell that is sent again,
 * by another tab or after a reload, is the same job.
 */

import { isKeyWanted, Problem, post } from '../../core/api.js';
import { connection } from '../../core/live.js';
import { effect, ended, untracked } from '../../core/signals.js';
import { report } from '../../parts/toasts.js';
import { few } from './few.js';
import { catchUp, settle, standingsOf } from './following.js';
import { jobIdOf } from './identity.js';
import { changeGrid, gridOf } from './kept.js';
import { ordering } from './ordering.js';
import { cellsOf } from './plan.js';
import { calledOff, isGoing, isMissing, refused, UNSENT, WAITING } from './standing.js';

/** @typedef {import('./kept.js').Grid} Grid */

const AT_ONCE = 3;
/** After so many refusals in a row the rest would be refused too. */
const MOST_REFUSED = 4;
const PAUSE = 1_500;
const PASSING = [0, 429, 502, 503, 504];

/** @type {Map<string, Promise<void>>} */
const sending = new Map();

/**
 * Ask how grids stand, and send what was not; again whenever the service was away, until the scope ends. What has begun
 * to be sent goes on after that.
 * @param {readonly Grid[]} list
 */
export function keepUp(list) {
    const calling = new AbortController();
    ended(() => calling.abort());
    const takeUp = async (/** @type {Grid} */ grid) => {
        await catchUp(grid, calling.signal);
        send(grid);
    };
    effect(() => {
        if (connection.value === 'open') untracked(() => list.map((grid) => takeUp(grid).catch(report)));
    });
}

/**
 * Send the cells that were not sent, unless that is being done.
 * @param {Grid} grid
 */
export function send(grid) {
    if (sending.has(grid.id) || gridOf(grid.id)?.isStopped !== false) return;
    const left = cellsOf(grid.axes).filter(({ index }) => standingsOf(grid)[index]?.peek().state === 'unsent');
    if (!left.length) return;
    const work = sendAll(grid, left)
        .catch(report)
        .finally(() => sending.delete(grid.id));
    sending.set(grid.id, work);
}

/**
 * Cancel what has not been made.
 * @param {Grid} grid
 */
export async function cancelAll(grid) {
    changeGrid(grid.id, { isStopped: true });
    await sending.get(grid.id);
    const cells = standingsOf(grid);
    for (const [index, cell] of cells.entries())
        if (cell.peek().state === 'unsent') settle(grid, index, calledOff(UNSENT));
    const going = [...cells.keys()].filter((index) => isGoing(/** @type {any} */ (cells[index]).peek()));
    await few(going.reverse(), AT_ONCE, (index) => cancel(grid, index));
}

/**
 * Make again what is missing of a grid.
 * @param {Grid} grid
 * @param {readonly number[]} [only] The cells that are meant; all of them, if left out.
 */
export async function retry(grid, only = standingsOf(grid).map((_, index) => index)) {
    const cells = standingsOf(grid);
    const missing = only.filter((index) => cells[index] && isMissing(cells[index].peek()));
    const isSent = (/** @type {number} */ index) => cells[index]?.peek().isSent;
    changeGrid(grid.id, { isStopped: false });
    for (const index of missing) if (!isSent(index)) settle(grid, index, UNSENT);
    send(grid);
    await few(missing.filter(isSent), AT_ONCE, async (index) => {
        await post(`/jobs/${jobIdOf(grid.id, index)}/retry`);
        if (isMissing(/** @type {any} */ (cells[index]).peek())) settle(grid, index, WAITING);
    });
}

/**
 * @param {Grid} grid
 * @param {number} index
 */
async function cancel(grid, index) {
    try {
        await post(`/jobs/${jobIdOf(grid.id, index)}/cancel`);
    } catch (error) {
        if (!(error instanceof Problem) || error.status !== 409) throw error; // it has ended meanwhile
    }
}

/**
 * @param {Grid} grid
 * @param {import('./plan.js').Cell[]} cells
 */
async function sendAll(grid, cells) {
    const order = ordering(grid);
    let refusals = 0;
    await few(cells, AT_ONCE, async (cell) => {
        if (gridOf(grid.id)?.isStopped !== false) return;
        try {
            await insistently(grid, () => order(cell));
            refusals = 0;
            const standing = standingsOf(grid)[cell.index]?.peek();
            if (standing?.state === 'unsent') settle(grid, cell.index, WAITING); // else the stream was quicker
        } catch (error) {
            if (!(error instanceof Problem) || error.status === 401) throw error;
            if (PASSING.includes(error.status)) return; // given up on the way: it was not sent
            settle(grid, cell.index, refused(error.sentences.map(sentence)));
            refusals += 1;
            if (refusals >= MOST_REFUSED) giveUp(grid);
        }
    });
}

/** @param {Grid} grid */
function giveUp(grid) {
    changeGrid(grid.id, { isStopped: true });
    for (const [index, cell] of standingsOf(grid).entries())
        if (cell.peek().state === 'unsent') settle(grid, index, calledOff(UNSENT));
}

/**
 * Do something, again and again as long as only the moment is wrong for it: too much at once, or nobody answers.
 * @param {Grid} grid
 * @param {() => Promise<unknown>} work
 */
async function insistently(grid, work) {
    for (;;) {
        try {
            return await work();
        } catch (error) {
            const isPassing = error instanceof Problem && PASSING.includes(error.status);
            if (!isPassing || isKeyWanted.peek() || gridOf(grid.id)?.isStopped !== false) throw error;
            await new Promise((settled) => setTimeout(settled, PAUSE));
            await reachable();
        }
    }
}

/** Settles when the service can be reached. */
async function reachable() {
    if (connection.peek() !== 'broken') return;
    let end = () => {};
    await new Promise((settled) => {
        end = effect(() => {
            if (connection.value !== 'broken') queueMicrotask(() => settled(undefined));
        });
    });
    end();
}

/** @param {string} text */
const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
