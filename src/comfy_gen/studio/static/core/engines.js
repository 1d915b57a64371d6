/** The engines as they are now: asked for again and again as long as anything on the page shows them. */

import { get } from './api.js';
import { ended, signal } from './signals.js';

/** @typedef {Wire<'Engine'>} Engine */

/** Milliseconds between two questions while somebody looks at the engines, or waits for one. */
const OFTEN = 3_000;
/** The same while all that is shown of them is that there are some. */
const SELDOM = 12_000;

/** The engines; undefined before the first answer, and as they were while nobody answers. */
export const engines = signal(/** @type {readonly Engine[] | undefined} */ (undefined));

let watching = 0;
let isAsked = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let next;

/** Keep them fresh until the scope ends in which this is called. */
export function watchEngines() {
    watching += 1;
    void askAgain();
    ended(() => {
        watching -= 1;
        if (!watching) clearTimeout(next);
    });
}

/** Ask at once: something has been done to them. */
export async function askAgain() {
    clearTimeout(next);
    if (isAsked) return;
    isAsked = true;
    try {
        engines.value = (await get('/engines')).engines;
    } catch {
        // the page says itself that the service is away
    } finally {
        isAsked = false;
        if (watching && !document.hidden) next = setTimeout(askAgain, isWatchedClosely() ? OFTEN : SELDOM);
    }
}

document.addEventListener('visibilitychange', () => {
    if (watching && !document.hidden) void askAgain();
});

/** The line above each view watches always; whoever shows more of them does, too. */
const isWatchedClosely = () => watching > 1 || !isAnyUp(engines.value ?? []);

/**
 * Tell whether any engine can be given work.
 * @param {readonly Engine[]} all
 */
export const isAnyUp = (all) => all.some((one) => one.condition !== 'down');
