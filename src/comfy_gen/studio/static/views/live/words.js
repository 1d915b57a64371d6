/** Says in words how a job is. Pure. */

import { amount, duration } from '../../core/words.js';

/** @typedef {Wire<'LiveJob'>} LiveJob */

/** @type {Record<string, string>} */
const STATES = {
    queued: 'Waiting',
    preprocessing: 'Getting ready',
    generating: 'Generating',
    postprocessing: 'Storing the pictures',
    completed: 'Completed',
    partial: 'Completed in part',
    failed: 'Failed',
    cancelled: 'Cancelled',
};

/** What a job is called; what was never given a title has at least the beginning of its id. */
export const titleOf = (/** @type {{ title: string, id: string }} */ job) => job.title || `Job ${job.id.slice(0, 8)}`;

/** @param {LiveJob} job */
export function stateOf(job) {
    if (job.state === 'generating' && !job.progress && !job.steps) return 'Sent to its engine';
    if (job.state !== 'queued') return STATES[job.state] ?? job.state;
    if (job.is_held) return 'Held';
    return job.error ? 'Waiting to be tried again' : 'Waiting';
}

/**
 * Say where an engine is: "Step 12 of 20 · KSampler".
 * @param {LiveJob} job
 */
export function stepOf({ steps }) {
    if (!steps) return '';
    return [`Step ${steps.value} of ${steps.max}`, steps.node].filter(Boolean).join(' · ');
}

/**
 * Return in how many seconds a job will have ended; null where nobody knows.
 * @param {LiveJob} job
 * @param {number} heard When that was told.
 * @param {number} now
 */
export const secondsLeft = ({ eta }, heard, now) => (eta ? Math.max(0, eta.median - (now - heard)) : null);

/**
 * Say how long it takes from here on.
 * @param {number | null} seconds
 */
export function leftOf(seconds) {
    if (seconds === null) return '';
    return seconds < 1 ? 'any moment' : `about ${duration(coarse(seconds))} left`;
}

/**
 * Say when a job that waits will have ended.
 * @param {number | null} seconds
 */
export function doneIn(seconds) {
    if (seconds === null) return '';
    return seconds < 1 ? 'done soon' : `done in about ${duration(coarse(seconds))}`;
}

/** Nobody counts the seconds of half an hour. @param {number} seconds */
function coarse(seconds) {
    if (seconds < 60) return Math.ceil(seconds);
    return seconds < 600 ? Math.round(seconds / 10) * 10 : Math.round(seconds / 60) * 60;
}

/**
 * Say how long a job has run, or ran; of one that runs, in whole seconds.
 * @param {LiveJob} job
 * @param {number} now
 */
export function tookOf({ started, ended }, now) {
    if (started === null) return '';
    const seconds = Math.max(0, (ended ?? now) - started);
    return duration(ended === null ? Math.floor(seconds) : seconds);
}

/** @type {Record<string, string>} */
const ADVICE = {
    quarantined: 'Open it to see each attempt. Once the cause is mended, retry it.',
};

/**
 * Say what to do about what went wrong, as it is done here; the service's own hints are also for terminals.
 * @param {Wire<'ProblemFacts'>} error
 */
export const adviceOf = ({ code, hint }) => ADVICE[code] ?? hint;

/**
 * Say that a job has ended, as it is read aloud.
 * @param {LiveJob} job
 */
export function endOf(job) {
    if (job.state === 'failed') return `${titleOf(job)} failed: ${job.error?.message ?? job.message}`;
    return `${titleOf(job)}: ${stateOf(job).toLowerCase()}`;
}

/**
 * Say what has ended, once for all that did so at about the same time.
 * @param {readonly LiveJob[]} jobs
 */
export function endsOf(jobs) {
    if (jobs.length < 3) return jobs.map(endOf).join('. ');
    const failed = jobs.filter((job) => job.state === 'failed').length;
    return `${amount(jobs.length, 'job')} ended${failed ? `, ${failed} of them failed` : ''}`;
}
