/** One job with all that is known of it, in a dialog. */

import { get } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { arrangement, heardOf, isOver, jobOf } from '../../core/live.js';
import { linkTo } from '../../core/router.js';
import { isAdministrator } from '../../core/session.js';
import { effect, signal, untracked } from '../../core/signals.js';
import { moment, now } from '../../core/words.js';
import { button, linkButton } from '../../parts/buttons.js';
import { openDialog } from '../../parts/dialogs.js';
import { progress, thumbnail } from '../../parts/pictures.js';
import { loaded } from '../../parts/states.js';
import { cancel, hold, release, retry } from './actions.js';
import { isRetriable, trouble } from './done.js';
import { percentOf } from './line.js';
import { steady } from './lists.js';
import { attempts, happenings, order } from './records.js';
import { leftOf, secondsLeft, stateOf, stepOf, titleOf, tookOf } from './words.js';

/** @typedef {Wire<'LiveJob'>} LiveJob */
/** @typedef {Wire<'JobDetail'>} JobDetail */
/** @typedef {() => LiveJob | undefined} Live */

/**
 * Show a job.
 * @param {string} id
 * @param {() => void} closed Called when somebody has closed it.
 * @returns {() => void} Closes it.
 */
export function showDetails(id, closed) {
    let close = () => {};
    let isOurs = false;
    const known = jobOf(id)?.peek();
    const show = (/** @type {() => void} */ end) => {
        close = end;
        return content(id);
    };
    void openDialog(known ? titleOf(known) : 'Job', show, { kind: 'wide' }).then(() => isOurs || closed());
    return () => {
        isOurs = true;
        close();
    };
}

/** @param {string} id */
function content(id) {
    /** @type {Live} */
    const live = () => {
        void arrangement.value; // it may be known from now on
        return jobOf(id)?.value;
    };
    const turn = steady(() => {
        const job = live();
        return job ? `${job.state} ${job.attempt} ${job.is_held} ${job.priority} ${job.rank}` : '';
    });
    const detail = loaded((until) => {
        void turn.value; // anew whenever something has changed that the stream does not tell all of
        return /** @type {Promise<JobDetail>} */ (get(`/jobs/${encodeURIComponent(id)}`, undefined, until));
    });
    const isThere = steady(() => detail.data.value !== undefined);
    const found = () => /** @type {JobDetail} */ (detail.data.value);
    const job = () => live() ?? asLive(found());
    const about = () =>
        h(
            'div',
            { class: 'stack' },
            summary(job, found),
            commands(job),
            () => trouble(job()),
            pictures(job),
            () => attempts(found()),
        );
    return h(
        'div',
        { class: 'stack live-details' },
        () => (isThere.value ? about() : detail.show(() => null, 'the job')()),
        () => (isThere.value ? [happenings(id), order(id)] : null),
    );
}

/**
 * What the stream does not tell of any more is told by its detail.
 * @param {JobDetail} found
 * @returns {LiveJob}
 */
function asLive(found) {
    return { ...found, rank: 0, seq: 0, steps: null, passed: found.quality?.passed ?? null };
}

/**
 * @param {() => LiveJob} job
 * @param {() => JobDetail} found
 */
function summary(job, found) {
    const time = signal(now());
    effect(() => {
        const ticking = setInterval(() => {
            time.value = now();
        }, 1000);
        return () => clearInterval(ticking);
    });
    const facts = () => {
        const one = job();
        return [
            ['State', stateOf(one)],
            ['Place in the line', one.state === 'queued' ? String(found().position ?? '') : ''],
            ['Step', isOver(one) ? '' : stepOf(one)],
            ['Left', isOver(one) ? '' : leftOf(secondsLeft(one, heardOf(one.id) || time.peek(), time.value))],
            ['Engine', one.engine ?? ''],
            ['Attempt', one.attempt ? String(one.attempt) : ''],
            ['Priority', String(one.priority)],
            ['Accepted', moment(one.created)],
            ['Started', one.started ? moment(one.started) : ''],
            [isOver(one) ? 'Took' : 'So far', tookOf(one, time.value)],
            ['Whose', isAdministrator.value ? (one.owner ?? '') : ''],
            ['Notes', found().notes.join(' · ')],
            ['Id', one.id],
        ];
    };
    return [
        () => (isOver(job()) ? null : progress('Progress', () => percentOf(job()))),
        h('dl', { class: 'live-about' }, () =>
            facts()
                .filter(([, value]) => value)
                .map(([name, value]) => h('div', null, h('dt', { class: 'dim' }, name), h('dd', null, value))),
        ),
    ];
}

/** @param {() => LiveJob} job */
function commands(job) {
    const state = steady(() => `${job().state} ${job().is_held}`);
    const row = h('div', { class: 'row', tabindex: '-1' }, () => state.value && untracked(() => commandsFor(job())));
    effect(() => {
        void state.value;
        queueMicrotask(() => document.activeElement === document.body && row.focus()); // the button that had it is gone
    });
    return row;
}

/** @param {LiveJob} job */
function commandsFor(job) {
    const { id } = job;
    const isWaiting = job.state === 'queued';
    return [
        isOver(job) ? null : button({ label: 'Cancel', icon: 'cancel', onclick: () => cancel(id) }),
        isRetriable(job) ? button({ label: 'Retry', icon: 'refresh', kind: 'main', onclick: () => retry(id) }) : null,
        isWaiting && !job.is_held ? button({ label: 'Hold', icon: 'pause', onclick: () => hold(id) }) : null,
        isWaiting && job.is_held ? button({ label: 'Release', icon: 'play', onclick: () => release(id) }) : null,
        job.state === 'completed' || job.state === 'partial'
            ? linkButton({
                  label: 'Same settings',
                  icon: 'create',
                  href: linkTo('create', { from: id, as: 'settings' }),
              })
            : null,
    ];
}

/** @param {() => LiveJob} job */
function pictures(job) {
    const files = steady(() => JSON.stringify(job().output.map((one) => one.id)));
    return () => (files.value === '[]' ? null : untracked(() => pictureList(job())));
}

/** @param {LiveJob} job */
const pictureList = (job) =>
    h(
        'ul',
        { class: 'live-pictures' },
        job.output.map((one) =>
            h(
                'li',
                null,
                h('a', { href: linkTo('gallery', { open: job.id }) }, thumbnail(one, `Show ${one.filename}`)),
            ),
        ),
    );
