/** The line of jobs as it is shown: which part each is in, in what order, and where one comes to stand. Pure. */

/** @typedef {Wire<'LiveJob'>} LiveJob */
/** @typedef {{ running: LiveJob[], waiting: LiveJob[], held: LiveJob[], ended: LiveJob[] }} Board */
/** @typedef {{ text: string, show: string }} Filter */
/** @typedef {{ before: string } | { after: string }} Place */
/** @typedef {{ typical: number, engines: number, ahead: number, at: number }} Pace Seconds; `ahead` is what runs. */

const ENDS = ['completed', 'partial', 'failed', 'cancelled'];

/**
 * Put jobs where they belong: what began first is first among those that run, the line is as it will be worked off, and
 * what ended last is first.
 * @param {readonly LiveJob[]} jobs
 * @returns {Board}
 */
export function board(jobs) {
    /** @type {Board} */
    const made = { running: [], waiting: [], held: [], ended: [] };
    for (const job of jobs) made[partOf(job)].push(job);
    made.running.sort((a, b) => (a.started ?? 0) - (b.started ?? 0) || a.seq - b.seq);
    made.waiting.sort(inLine);
    made.held.sort(inLine);
    made.ended.sort((a, b) => (b.ended ?? 0) - (a.ended ?? 0) || b.seq - a.seq);
    return made;
}

/**
 * @param {LiveJob} job
 * @returns {keyof Board}
 */
export function partOf(job) {
    if (ENDS.includes(job.state)) return 'ended';
    if (job.state !== 'queued') return 'running';
    return job.is_held ? 'held' : 'waiting';
}

/**
 * @param {LiveJob} a
 * @param {LiveJob} b
 */
const inLine = (a, b) => a.rank - b.rank || a.seq - b.seq;

/**
 * Tell whether a job is one of those that somebody wants to see: all words are in what is shown of it.
 * @param {LiveJob} job
 * @param {Filter} filter `show` is a part of the board, an end, or empty for all.
 */
export function isWanted(job, { text, show }) {
    if (show && show !== partOf(job) && show !== job.state) return false;
    if (!text) return true;
    const said = [job.title, job.id, job.engine, job.owner].join(' ').toLowerCase();
    return text
        .toLowerCase()
        .split(/\s+/)
        .every((word) => said.includes(word));
}

/**
 * Return a list in which one thing stands somewhere else.
 * @param {readonly string[]} order
 * @param {string} id
 * @param {number} at Where it stands then; what is out of bounds is the nearest end.
 */
export function moved(order, id, at) {
    const others = order.filter((one) => one !== id);
    if (others.length === order.length) return [...order];
    others.splice(Math.max(0, Math.min(at, others.length)), 0, id);
    return others;
}

/**
 * Return where a job stands in an order, by one that still waits; null where none of the others does.
 * @param {readonly string[]} order
 * @param {string} id
 * @param {(id: string) => boolean} waits
 * @returns {Place | null}
 */
export function placeIn(order, id, waits) {
    const at = order.indexOf(id);
    const next = order.slice(at + 1).find(waits);
    if (next) return { before: next };
    const previous = order.slice(0, Math.max(at, 0)).findLast(waits);
    return previous ? { after: previous } : null;
}

/**
 * Return an order as it will be once what was asked for is done.
 * @param {readonly string[]} order
 * @param {ReadonlyArray<{ id: string, place: Place }>} asked In the order in which it was asked for.
 */
export function foreseen(order, asked) {
    return asked.reduce(
        (so, { id, place }) => {
            if (!so.includes(id)) return so;
            const others = so.filter((one) => one !== id);
            const beside = others.indexOf('before' in place ? place.before : place.after);
            return beside < 0 ? so : moved(so, id, 'before' in place ? beside : beside + 1);
        },
        [...order],
    );
}

/**
 * Return where a row comes to stand that is dragged, going by the middles of those that it passes.
 * @param {ReadonlyArray<{ top: number, height: number }>} rows As they stand without it having moved.
 * @param {number} from Which of them it is.
 * @param {number} by How far it is from there, down.
 */
export function targetOf(rows, from, by) {
    const row = rows[from];
    if (!row) return from;
    const [top, bottom] = [row.top + by, row.top + row.height + by];
    let at = from;
    for (let next = from + 1; next < rows.length && bottom > middle(rows[next]); next += 1) at = next;
    for (let next = from - 1; next >= 0 && top < middle(rows[next]); next -= 1) at = next;
    return at;
}

/** @param {{ top: number, height: number } | undefined} row */
const middle = (row) => (row ? row.top + row.height / 2 : 0);

/** Going by so many of the jobs that ended last. */
const LAST = 20;

/**
 * Return how quickly the line moves, going by what ended last; null before anything has.
 *
 * The service tells the time left of what runs; of the line it tells it once, and the line changes with each that is
 * moved, held or cancelled.
 * @param {Board} board
 * @param {(job: LiveJob) => number | null} leftOf
 * @param {number} now
 * @returns {Pace | null}
 */
export function paceOf({ running, ended }, leftOf, now) {
    const took = ended
        .filter((job) => job.state === 'completed' && job.started !== null && job.ended !== null)
        .slice(0, LAST)
        .map((job) => /** @type {number} */ (job.ended) - /** @type {number} */ (job.started))
        .sort((a, b) => a - b);
    const typical = took[Math.floor(took.length / 2)];
    if (typical === undefined) return null;
    const ahead = running.reduce((sum, job) => sum + (leftOf(job) ?? typical), 0);
    return { typical, engines: Math.max(1, new Set(running.map((job) => job.engine)).size), ahead, at: now };
}

/**
 * Return in how many seconds the job at a place of the line will have ended.
 * @param {Pace} pace
 * @param {number} place From 1.
 * @param {number} now
 */
export const waitOf = ({ typical, engines, ahead, at }, place, now) =>
    Math.max(0, (ahead + place * typical) / engines - (now - at));

/**
 * Return how far the node is that runs, in percent; null where it does not count steps. What is counted besides, nodes
 * that are done, says little of the time: most take none.
 * @param {LiveJob} job
 */
export function percentOf({ state, steps }) {
    if (state === 'postprocessing') return 100;
    return steps?.max ? Math.min(100, Math.round((100 * steps.value) / steps.max)) : null;
}
