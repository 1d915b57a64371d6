/** What can be done with jobs. Each asks the service; what came of it is told by the stream. */

import { get, Problem, post, remove } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { jobOf } from '../../core/live.js';
import { go, place } from '../../core/router.js';
import { signal } from '../../core/signals.js';
import { amount } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { confirm, openDialog } from '../../parts/dialogs.js';
import { numberField } from '../../parts/fields.js';
import { report, say } from '../../parts/toasts.js';
import { titleOf } from './words.js';

/** @typedef {Wire<'LiveJob'>} LiveJob */

const PAGE = 500;
const AT_ONCE = 4;
/** For so long after a move was accepted the line is shown as it was asked for: by then the stream has told of it. */
const SETTLING = 1_000;

const at = (/** @type {string} */ id) => `/jobs/${encodeURIComponent(id)}`;

/** @type {(id: string) => Promise<void>} */
export const cancel = (id) => post(`${at(id)}/cancel`);
/** @type {(id: string) => Promise<void>} */
export const retry = (id) => post(`${at(id)}/retry`);
/** @type {(id: string) => Promise<void>} */
export const hold = (id) => post(`${at(id)}/hold`);
/** @type {(id: string) => Promise<void>} */
export const release = (id) => post(`${at(id)}/release`);

/** @param {'first' | 'last'} to @param {string} id */
export const moveTo = (id, to) => post(`${at(id)}/move`, { to });

/** Show a job with all that is known of it. @param {string} id */
export const open = (id) => go('live', { ...Object.fromEntries(place.peek().query), job: id });

/**
 * Put a job elsewhere in the line: it is shown there at once, and where it was should that be refused.
 * @param {import('./lists.js').Lists} lists
 * @param {import('./lists.js').Move} move
 */
export async function move({ moves }, move) {
    const undo = () => {
        moves.value = moves.peek().filter((one) => one !== move);
    };
    moves.value = [...moves.peek(), move];
    try {
        await post(`${at(move.id)}/move`, move.place);
        setTimeout(undo, SETTLING);
    } catch (error) {
        undo();
        report(error);
    }
}

/** @param {boolean} isPaused */
export const setPaused = (isPaused) => post(isPaused ? '/queue/pause' : '/queue/resume');

/**
 * Ask for another priority of a job that waits.
 * @param {LiveJob} job
 */
export async function reprioritise(job) {
    const priority = signal(/** @type {number | null} */ (job.priority));
    const isOff = () => priority.value === null || Math.abs(priority.value) > 100 || !Number.isInteger(priority.value);
    const chosen = await openDialog(`Priority of ${titleOf(job)}`, (/** @type {(value?: number) => void} */ close) =>
        h(
            'form',
            {
                class: 'stack',
                onsubmit: (/** @type {Event} */ event) => {
                    event.preventDefault();
                    if (!isOff()) close(priority.value ?? 0);
                },
            },
            numberField('Priority', priority, {
                min: -100,
                max: 100,
                step: 1,
                slider: true,
                hint: 'From -100 to 100. Higher goes first; 0 is usual.',
                error: () => (isOff() ? 'A whole number from -100 to 100.' : ''),
            }),
            h(
                'footer',
                null,
                button({ label: 'Cancel', onclick: () => close() }),
                button({ label: 'Set priority', kind: 'main', disabled: isOff, more: { type: 'submit' } }),
            ),
        ),
    );
    if (chosen !== undefined) await post(`${at(job.id)}/priority`, { priority: chosen });
}

/**
 * Forget a job that has ended, with its pictures, if that is what is wanted.
 * @param {LiveJob} job
 */
export async function forget(job) {
    const text = job.output.length ? 'Its pictures are deleted too. This cannot be undone.' : 'This cannot be undone.';
    if (await confirm(`Delete ${titleOf(job)}?`, { text, yes: 'Delete' })) await remove(at(job.id));
}

/**
 * Cancel all that wait, if that is what is wanted.
 * @param {{ isOthersToo: boolean }} whose
 */
export async function cancelWaiting({ isOthersToo }) {
    const ids = await waitingIds();
    const text = isOthersToo ? 'Those of other people are among them. What runs goes on.' : 'What runs goes on.';
    const yes = `Cancel ${amount(ids.length, 'job')}`;
    if (!ids.length) say('Nothing waits any more.');
    else if (await confirm(`Cancel all ${amount(ids.length, 'job')} that wait?`, { text, yes })) await cancelEach(ids);
}

/** @returns {Promise<string[]>} */
async function waitingIds() {
    /** @type {string[]} */
    const found = [];
    /** @type {string | null} */
    let cursor = null;
    do {
        const page = /** @type {Wire<'JobPage'>} */ (await get('/jobs', { state: 'queued', limit: PAGE, cursor }));
        found.push(...page.jobs.map((job) => job.id));
        cursor = page.next;
    } while (cursor);
    return found;
}

/** @param {string[]} ids */
async function cancelEach(ids) {
    const left = ids.reverse(); // the last first: the next to start are cancelled last, when they may have started
    let done = 0;
    const work = async () => {
        for (let id = left.shift(); id; id = left.shift()) {
            if ((jobOf(id)?.peek().state ?? 'queued') !== 'queued') continue; // it began in the meantime
            await cancel(id).catch(ignoreEnded);
            done += 1;
        }
    };
    try {
        await Promise.all(Array.from({ length: AT_ONCE }, work));
    } finally {
        left.length = 0;
        say(`${amount(done, 'job')} cancelled.`);
    }
}

/** @param {unknown} error */
function ignoreEnded(error) {
    if (!(error instanceof Problem) || ![404, 409].includes(error.status)) throw error;
}
