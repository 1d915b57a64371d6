/** What the view shows of all jobs: the parts of the board, as the filter and what was just asked for have them. */

import { arrangement, heardOf, isLineWhole, isPaused, jobIds, jobOf } from '../../core/live.js';
import { go, place } from '../../core/router.js';
import { batch, computed, effect, signal } from '../../core/signals.js';
import { now } from '../../core/words.js';
import { board, foreseen, isWanted, paceOf, waitOf } from './line.js';
import { secondsLeft } from './words.js';

/** @typedef {Wire<'LiveJob'>} LiveJob */
/** @typedef {import('./line.js').Place} Place */
/** @typedef {{ id: string, place: Place }} Move */

/** @typedef {ReturnType<typeof lists>} Lists */

/** Work out what is shown. What it begins ends with the view. */
export function lists() {
    const filter = computed(() => {
        const { query } = place.value;
        return { text: query.get('text') ?? '', show: query.get('show') ?? '' };
    });
    const all = computed(() => {
        void arrangement.value;
        return board(jobIds.peek().flatMap((id) => jobOf(id)?.peek() ?? []));
    });
    const moves = signal(/** @type {readonly Move[]} */ ([]));
    const line = computed(() =>
        foreseen(
            all.value.waiting.map((job) => job.id),
            moves.value,
        ),
    );
    const pace = computed(() => paceOf(all.value, (job) => secondsLeft(job, heardOf(job.id), now()), now()));
    /** What a hand holds: as long as it does, the line stays as it is. */
    const held = signal(/** @type {readonly string[] | null} */ (null));

    const positionOf = positions(line);
    const seconds = clock();

    const isShown = (/** @type {string} */ id) => {
        const job = jobOf(id)?.peek();
        return job !== undefined && isWanted(job, filter.value);
    };
    const shown = (/** @type {keyof import('./line.js').Board} */ part) => () =>
        all.value[part].filter((job) => isWanted(job, filter.value)).map((job) => job.id);
    return {
        filter,
        all,
        line,
        moves,
        held,
        isLineWhole,
        running: computed(shown('running')),
        waiting: computed(() => held.value ?? line.value.filter(isShown)),
        set: computed(shown('held')),
        ended: computed(shown('ended')),
        positionOf,
        seconds,
        /**
         * In how many seconds a job that waits will have ended; null where nobody knows.
         * @param {LiveJob} job
         */
        wait: (job) => {
            if (isPaused.value) return null;
            const place = positionOf(job.id).value;
            if (!pace.value || !place) return secondsLeft(job, heardOf(job.id), seconds.value);
            return waitOf(pace.value, place, seconds.value);
        },
    };
}

/**
 * Return a signal of what is worked out, which changes only when the outcome does: for what has the focus, and must not be
 * made anew for nothing.
 * @template T
 * @param {() => T} work
 * @returns {import('../../core/signals.js').Signal<T>}
 */
export function steady(work) {
    const outcome = signal(/** @type {T} */ (undefined));
    effect(() => {
        outcome.value = work();
    });
    return outcome;
}

/**
 * Say which jobs are wanted. It is in the address, so that it is there again after reload.
 * @param {Partial<import('./line.js').Filter> & { job?: string }} wanted What is empty is left out.
 */
export function narrow(wanted) {
    const said = { ...Object.fromEntries(place.peek().query), ...wanted };
    go('live', Object.fromEntries(Object.entries(said).filter(([, value]) => value)), { replace: true });
}

/**
 * Number the line, with a signal for each job: a row reads its own.
 * @param {import('../../core/signals.js').Computed<string[]>} line
 */
function positions(line) {
    /** @type {Map<string, import('../../core/signals.js').Signal<number>>} */
    const numbers = new Map();
    const numberOf = (/** @type {string} */ id) => {
        const found = numbers.get(id) ?? signal(0);
        numbers.set(id, found);
        return found;
    };
    effect(() => {
        const order = line.value;
        batch(() => {
            order.forEach((id, at) => {
                numberOf(id).value = at + 1;
            });
        });
        const there = new Set(order);
        for (const id of numbers.keys()) if (!there.has(id)) numbers.delete(id);
    });
    return numberOf;
}

/** The time, once a second. */
function clock() {
    const time = signal(now());
    effect(() => {
        const ticking = setInterval(() => {
            time.value = now();
        }, 1000);
        return () => clearInterval(ticking);
    });
    return time;
}
