/** How the cells of a grid stand, by what is told of their jobs. Pure. */

import { amount, duration } from '../../core/words.js';

/** @typedef {{ id: string, media_type: string, width: number | null, height: number | null }} Picture */
/**
 * @typedef {object} Standing
 * @property {'unsent' | 'refused' | 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'gone'} state
 * @property {boolean} isSent Whether there is a job.
 * @property {number} percent
 * @property {string} said Why it is not there.
 * @property {Picture | null} picture
 * @property {number | null} eta In how many seconds it ends.
 */
/** @typedef {{ state: string, progress: number, message: string, output: Wire<'Output'>[], error: Wire<'ProblemFacts'> | null, eta?: { median: number } | null }} Job */
/** @typedef {{ all: number, done: number, going: number, unsent: number, failed: number, missing: number, eta: number | null }} Tally */

/** @type {Readonly<Standing>} */
export const UNSENT = { state: 'unsent', isSent: false, percent: 0, said: '', picture: null, eta: null };

const SENT = { ...UNSENT, isSent: true };

/** @type {Readonly<Standing>} */
export const WAITING = { ...SENT, state: 'waiting' };
/** @type {Readonly<Standing>} */
export const GONE = { ...UNSENT, state: 'gone', said: 'Its job was deleted.' };

/**
 * Return how a cell stands that was not sent, and is not to be.
 * @param {Standing} standing
 * @returns {Standing}
 */
export const calledOff = (standing) => ({ ...standing, state: 'cancelled', said: '' });

/**
 * Return how a cell stands that the service does not take.
 * @param {readonly string[]} sentences
 * @returns {Standing}
 */
export const refused = (sentences) => ({ ...UNSENT, state: 'refused', said: sentences.join(' ') });

/**
 * Return how a cell stands by its job.
 * @param {Job} job
 * @returns {Standing}
 */
export function standingOf(job) {
    const eta = job.eta?.median ?? null;
    if (job.state === 'queued') return { ...WAITING, eta };
    if (job.state === 'cancelled') return { ...SENT, state: 'cancelled' };
    if (job.state === 'failed') return { ...SENT, state: 'failed', said: reasonOf(job) };
    if (job.state !== 'completed' && job.state !== 'partial')
        return { ...SENT, state: 'running', percent: job.progress, eta };
    const picture = pictureOf(job.output);
    return picture
        ? { ...SENT, state: 'done', percent: 100, picture }
        : { ...SENT, state: 'failed', said: 'It ended without a file.' };
}

/**
 * Return how a cell stood when the page was left, as far as that still says something.
 * @param {unknown} kept
 * @returns {Standing}
 */
export function recalled(kept) {
    const found = /** @type {Partial<Standing>} */ (kept ?? {});
    return { ...UNSENT, ...found, ...(found.state === 'running' ? { state: 'waiting', percent: 0 } : {}), eta: null };
}

/** Tell whether anything is still to come of a cell. */
export const isGoing = (/** @type {Standing} */ { state }) => state === 'waiting' || state === 'running';

/** Tell whether a cell has come to an end without a picture, so that it can be made again. */
export const isMissing = (/** @type {Pick<Standing, 'state'>} */ { state }) =>
    ['refused', 'failed', 'cancelled', 'gone'].includes(state);

/**
 * Count how the cells stand.
 * @param {readonly Standing[]} standings
 * @returns {Tally}
 */
export function tallied(standings) {
    const count = (/** @type {(one: Standing) => boolean} */ is) => standings.filter(is).length;
    const [going, unsent] = [count(isGoing), count(({ state }) => state === 'unsent')];
    const etas = standings.filter(isGoing).flatMap(({ eta }) => eta ?? []);
    return {
        all: standings.length,
        done: count(({ state }) => state === 'done'),
        going,
        unsent,
        failed: count(({ state }) => state === 'failed' || state === 'refused'),
        missing: count(isMissing),
        eta: etas.length && etas.length === going && !unsent ? Math.max(...etas) : null, // of some says nothing of all
    };
}

/**
 * Write how far a grid is: "12 of 20 made, 1 failed".
 * @param {Tally} tally
 */
export function tallyText({ all, done, failed, missing }) {
    const lost = missing - failed;
    const said = [`${done} of ${amount(all, 'picture')} made`];
    if (failed) said.push(`${failed} failed`);
    if (lost) said.push(`${lost} cancelled or deleted`);
    return said.join(', ');
}

/**
 * Return in how many seconds a grid will be made: by how quickly its pictures come, or else by what its jobs say.
 * @param {Tally} tally
 * @param {{ at: number, done: number }} since When it was looked at first, and how many were done then.
 * @param {number} now
 * @returns {number | null} Null where that is not known, or nothing is left.
 */
export function secondsLeft({ done, going, unsent, eta }, since, now) {
    const [left, made] = [going + unsent, done - since.done];
    if (!left) return null;
    return made >= ENOUGH ? (left * (now - since.at)) / made : eta;
}

/** So many pictures say how quickly they come. */
const ENOUGH = 2;

/** @type {Record<Standing['state'], string>} */
export const STATES = {
    ...{ unsent: 'Not sent yet', refused: 'Refused', waiting: 'Waiting', running: 'In work' },
    ...{ done: 'Made', failed: 'Failed', cancelled: 'Cancelled', gone: 'Deleted' },
};

/**
 * Say how long a number of pictures will take; empty where nothing is known of it.
 * @param {number} count
 * @param {{ seconds: number | null, engines: number, waiting: number }} pace `seconds` are those of one picture.
 */
export function estimateText(count, { seconds, engines, waiting }) {
    if (!seconds || !count) return '';
    const time = duration(((count + waiting) * seconds) / Math.max(1, engines));
    const before = waiting ? `, with the ${amount(waiting, 'job')} before it` : '';
    return `about ${time}${before}, going by what was made today`;
}

/**
 * Return the mean of several means.
 * @param {ReadonlyArray<{ completed: number, mean_seconds: number | null }>} buckets
 */
export function meanOf(buckets) {
    const told = buckets.filter((one) => one.mean_seconds !== null && one.completed > 0);
    const count = told.reduce((sum, one) => sum + one.completed, 0);
    return count ? told.reduce((sum, one) => sum + one.completed * (one.mean_seconds ?? 0), 0) / count : null;
}

/** Hints of what to type elsewhere are not for somebody who looks at a page. */
const CONSOLE = /\bcomfygen /;

/** @param {Job} job */
function reasonOf({ error, message }) {
    if (!error) return message;
    const said = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
    return error.hint && !CONSOLE.test(error.hint)
        ? `${said} ${error.hint.charAt(0).toUpperCase()}${error.hint.slice(1)}.`
        : said;
}

/**
 * @param {Wire<'Output'>[]} output
 * @returns {Picture | null}
 */
function pictureOf(output) {
    const found = output.find((one) => one.media_type.startsWith('image/')) ?? output[0];
    return found ? { id: found.id, media_type: found.media_type, width: found.width, height: found.height } : null;
}
