/** How much there is to do, and how much was done: the queue of the last two minutes, and the jobs of the last hour. */

import { get } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { heed, isOver, jobIds, jobOf } from '../../core/live.js';
import { ended, signal } from '../../core/signals.js';
import { amount, duration } from '../../core/words.js';
import { barChart, lineChart } from '../../parts/charts.js';

/** @typedef {Wire<'QueueHistory'>} History */

const LOOK_EVERY = 1_000;
const ROOM = 120;
const SOON = 2_000;

export function charts() {
    const waiting = signal(/** @type {readonly number[]} */ ([]));
    const running = signal(/** @type {readonly number[]} */ ([]));
    const look = () => {
        const now = depth();
        waiting.value = [...waiting.peek(), now.waiting].slice(-ROOM);
        running.value = [...running.peek(), now.running].slice(-ROOM);
    };
    look();
    const looking = setInterval(look, LOOK_EVERY);
    ended(() => clearInterval(looking));
    const history = followed();
    return h(
        'div',
        { class: 'fleet-charts' },
        lineChart(
            'Queue',
            () => `${amount(running.value.at(-1) ?? 0, 'job')} running, ${waiting.value.at(-1) ?? 0} waiting`,
            () => [
                { name: 'running', values: running.value },
                { name: 'waiting', values: waiting.value },
            ],
            ROOM,
        ),
        barChart(
            'Last hour',
            () => summary(history.value),
            () =>
                history.value?.buckets.map((one) => ({ label: labelOf(one), parts: [one.completed, one.failed] })) ??
                [],
        ),
    );
}

/** How many jobs run and wait, of those that are known here. */
function depth() {
    const going = jobIds
        .peek()
        .map((id) => jobOf(id)?.peek())
        .filter((job) => job !== undefined && !isOver(job));
    const waiting = going.filter((job) => job?.state === 'queued').length;
    return { waiting, running: going.length - waiting };
}

/** The jobs of the last hour, asked for again soon after one has ended, and each minute. */
function followed() {
    const history = signal(/** @type {History | null} */ (null));
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let due;
    const ask = async () => {
        clearTimeout(due);
        due = setTimeout(ask, 60_000);
        try {
            history.value = await get('/queue/history', { minutes: 60 });
        } catch {
            // the page says itself that the service is away
        }
    };
    void ask();
    let isSoon = false;
    const unheed = heed((job) => {
        if (!isOver(job) || isSoon) return;
        isSoon = true;
        clearTimeout(due);
        due = setTimeout(() => {
            isSoon = false;
            void ask();
        }, SOON);
    });
    ended(() => {
        clearTimeout(due);
        unheed();
    });
    return history;
}

/** @param {History | null} history */
function summary(history) {
    if (!history) return '…';
    const completed = history.buckets.reduce((sum, one) => sum + one.completed, 0);
    const failed = history.buckets.reduce((sum, one) => sum + one.failed, 0);
    const seconds = history.buckets.reduce((sum, one) => sum + (one.mean_seconds ?? 0) * one.completed, 0);
    const each = completed ? `, ${duration(seconds / completed)} each` : '';
    return `${amount(completed, 'job')} completed${each}${failed ? `, ${failed} failed` : ''}`;
}

/** @param {Wire<'Bucket'>} one */
function labelOf(one) {
    const at = new Date(one.at * 1000).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
    return `${at}: ${one.completed} completed, ${one.failed} failed`;
}
