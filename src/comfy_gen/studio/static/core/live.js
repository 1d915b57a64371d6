/** All jobs as they are now: one stream of the service, kept open, and taken up again where it broke off. */

import { addressOf, get, isKeyWanted } from './api.js';
import { session } from './session.js';
import { batch, computed, signal } from './signals.js';

/** @typedef {Wire<'LiveJob'>} LiveJob */
/** @typedef {{ job: import('./signals.js').Signal<LiveJob>, heard: number }} Known `heard` is when, by the clock here. */

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 8_000;
/** So much of the line the service tells at once; of a longer one, the rest is not known here. */
const LINE = 500;
/** Of so many jobs that have ended are the oldest forgotten, so that a page that is open for weeks does not grow. */
const MOST = 3_000;

/** @type {Map<string, Known>} */
const known = new Map();
const ids = signal(/** @type {readonly string[]} */ ([]));
/** @type {Map<string, import('./signals.js').Signal<string>>} */
const previews = new Map();

/** Whether what is shown is how it is: `beginning`, `open`, or `broken` while it is tried again. */
export const connection = signal(/** @type {'beginning' | 'open' | 'broken'} */ ('beginning'));
export const isPaused = signal(false);
/** Whether all that wait are known; otherwise the first of them are. */
export const isLineWhole = signal(true);
/** The ids of the jobs that are known, in no order. */
export const jobIds = computed(() => ids.value);
/** Grows when a job came, went, or changed its state or its place: what lists are worked out from, but no progress. */
export const arrangement = signal(0);

/**
 * A job as it is now; undefined where it is not known.
 * @param {string} id
 */
export const jobOf = (id) => known.get(id)?.job;

/**
 * When a job was last told of, in seconds since 1970 by the clock here: what it says of the time left counts from then.
 * @param {string} id
 */
export const heardOf = (id) => known.get(id)?.heard ?? 0;

/**
 * What a job looks like on the way, as the address of a picture; empty before there is one.
 * @param {string} id
 */
export function previewOf(id) {
    const found = previews.get(id) ?? signal('');
    previews.set(id, found);
    return found;
}

/** @type {Set<(job: LiveJob) => void>} */
const heeding = new Set();

/**
 * Be told of each change of a job.
 * @param {(job: LiveJob) => void} listener
 * @returns {() => void} Ends it.
 */
export function heed(listener) {
    heeding.add(listener);
    return () => heeding.delete(listener);
}

/** Tell whether a job has come to an end, one way or the other. */
export const isOver = (/** @type {{ state: string }} */ job) =>
    ['completed', 'partial', 'failed', 'cancelled'].includes(job.state);

let pause = FIRST_PAUSE;
let since = '';
let owner = '';
/** @type {EventSource | null} */
let source = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;

/** Begin to listen. Called once somebody may. */
export function connect() {
    stop();
    const whose = session.peek()?.owner ?? '';
    if (whose !== owner) forget(); // somebody else: what the one before had is none of their business
    owner = whose;
    const stream = new EventSource(addressOf('/events', { previews: 'data', since }));
    source = stream;
    on(stream, 'snapshot', take);
    on(stream, 'job', (job) => {
        put(job);
        refill();
    });
    on(stream, 'gone', ({ id }) => drop(id));
    on(stream, 'queue', ({ is_paused: wanted }) => {
        isPaused.value = wanted;
    });
    on(stream, 'preview', ({ job_id: id, url }) => {
        if (known.has(id)) previewOf(id).value = url;
    });
    stream.addEventListener('error', () => {
        if (stream !== source) return;
        stream.close(); // a browser gives up for good where the answer was an error
        if (pause > FIRST_PAUSE) connection.value = 'broken'; // a stream that only ended is back before anybody reads of it
        retry();
    });
}

/** Listen no more, and forget what was heard. */
export function disconnect() {
    stop();
    forget();
}

/** Look at once whether the service is there: the machine was asleep, or without a network. */
export function wake() {
    if (source) connect();
}

/**
 * Take in a job that was told of elsewhere: the answer to what somebody has just asked for.
 * @param {LiveJob} job
 */
export function put(job) {
    const found = known.get(job.id);
    const before = found?.job.peek();
    batch(() => {
        if (found) {
            found.heard = Date.now() / 1000;
            found.job.value = job;
        } else {
            known.set(job.id, { job: signal(job), heard: Date.now() / 1000 });
            ids.value = [...ids.peek(), job.id];
        }
        if (!before || placeOf(before) !== placeOf(job)) rearranged();
    });
    const seen = isOver(job) ? previews.get(job.id) : undefined;
    if (seen) seen.value = '';
    for (const listener of [...heeding]) tell(listener, job);
}

/** @param {{ jobs: LiveJob[], is_paused: boolean, is_whole: boolean }} told */
function take({ jobs, is_paused: wanted, is_whole: isWhole }) {
    pause = FIRST_PAUSE;
    batch(() => {
        connection.value = 'open';
        isPaused.value = wanted;
        const line = jobs.filter((job) => job.state === 'queued');
        isLineWhole.value = isWhole || line.length < LINE;
        const gone = missing(jobs, line);
        if (gone.length) drop(...gone);
        for (const job of jobs) put(job);
    });
}

/**
 * Return the ids of jobs that have not ended, as far as is known here, and are not told of any more: they were deleted
 * while nobody listened, or ended too long ago to be told.
 * @param {LiveJob[]} jobs
 * @param {LiveJob[]} line
 */
function missing(jobs, line) {
    const there = new Set(jobs.map((job) => job.id));
    const last = line.reduce((most, job) => (isBehind(job, most) ? job : most), line[0]);
    const isUntold = (/** @type {LiveJob} */ job) =>
        !isLineWhole.peek() && last !== undefined && job.state === 'queued' && isBehind(job, last);
    return [...known.values()]
        .map(({ job }) => job.peek())
        .filter((job) => !isOver(job) && !there.has(job.id) && !isUntold(job))
        .map((job) => job.id);
}

/**
 * @param {LiveJob} job
 * @param {LiveJob | undefined} other
 */
const isBehind = (job, other) => !other || job.rank > other.rank || (job.rank === other.rank && job.seq > other.seq);

/** @param {LiveJob} job */
const placeOf = (job) => [job.state, job.is_held, job.rank, job.seq, job.ended].join(' ');

function rearranged() {
    arrangement.value = arrangement.peek() + 1;
    if (ids.peek().length > MOST) forgetOldest();
}

/** Ask for more of a line of which little is known by now. */
function refill() {
    if (isLineWhole.peek()) return;
    let left = 0;
    for (const { job } of known.values()) if (job.peek().state === 'queued') left += 1;
    if (left < LINE / 2) connect();
}

function forgetOldest() {
    const over = [...known.values()].map(({ job }) => job.peek()).filter(isOver);
    const oldest = over.sort((a, b) => (a.ended ?? 0) - (b.ended ?? 0)).slice(0, MOST / 3);
    if (oldest.length) drop(...oldest.map((job) => job.id));
}

/** @param {...string} gone */
function drop(...gone) {
    const those = new Set(gone);
    for (const id of gone) {
        known.delete(id);
        previews.delete(id);
    }
    batch(() => {
        ids.value = ids.peek().filter((id) => !those.has(id));
        arrangement.value = arrangement.peek() + 1;
    });
}

function forget() {
    since = '';
    batch(() => {
        connection.value = 'beginning';
        isPaused.value = false;
        isLineWhole.value = true;
        drop(...ids.peek());
    });
}

function stop() {
    clearTimeout(waiting);
    source?.close();
    source = null;
}

/** Try again after a while; and ask for a key, should what opened the service before open it no more. */
function retry() {
    const token = source;
    waiting = setTimeout(async () => {
        try {
            const { is_admitted: isAdmitted } = await get('/session');
            if (token !== source) return;
            if (isAdmitted) connect();
            else isKeyWanted.value = true;
        } catch {
            if (token !== source) return;
            connection.value = 'broken';
            retry();
        }
    }, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
}

/**
 * @param {EventSource} stream
 * @param {string} type
 * @param {(data: any) => void} listener
 */
function on(stream, type, listener) {
    stream.addEventListener(type, (event) => {
        if (stream !== source) return;
        listener(JSON.parse(event.data));
        if (event.lastEventId) since = event.lastEventId;
    });
}

/**
 * Tell one listener; what it does wrong is its own affair, and keeps nobody else from being told.
 * @param {(job: LiveJob) => void} listener
 * @param {LiveJob} job
 */
function tell(listener, job) {
    try {
        listener(job);
    } catch (error) {
        reportError(error);
    }
}
