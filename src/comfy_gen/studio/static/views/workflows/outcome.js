/** What came of a try: how far it is, what it looks like, and its pictures. */

import { post } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { heardOf, isOver, jobIds, jobOf, previewOf } from '../../core/live.js';
import { linkTo } from '../../core/router.js';
import { computed, ended, signal } from '../../core/signals.js';
import { now } from '../../core/words.js';
import { button, linkButton } from '../../parts/buttons.js';
import { icon } from '../../parts/icons.js';
import { progress, thumbnail } from '../../parts/pictures.js';
import { leftOf, secondsLeft, stateOf, stepOf, tookOf } from '../live/words.js';

/** @typedef {Wire<'LiveJob'>} LiveJob */

/**
 * @param {string} id Of the job; empty where nothing was tried yet.
 * @param {() => Promise<void>} again
 */
export function outcome(id, again) {
    const job = computed(() => {
        void jobIds.value;
        return id ? jobOf(id)?.value : undefined;
    });
    const kind = computed(() => (job.value ? (isOver(job.value) ? 'over' : 'going') : ''));
    return h(
        'div',
        { class: 'stack' },
        h('h2', null, 'What came of it'),
        h('p', { class: 'unseen', role: 'status' }, () => (job.value ? spoken(job.value) : '')),
        () => {
            if (kind.value === 'over') return over(/** @type {LiveJob} */ (job.peek()), again);
            return kind.value ? going(id, () => /** @type {LiveJob} */ (job.value)) : nothing();
        },
    );
}

/** What is read aloud as it changes: how it stands, not each step. @param {LiveJob} job */
const spoken = (job) => (job.state === 'failed' ? `Failed: ${job.error?.message ?? job.message}` : stateOf(job));

function nothing() {
    return h(
        'div',
        { class: 'workflow-blank dim' },
        icon('image', 'large'),
        h('p', null, 'Run it to see its picture here.'),
    );
}

/**
 * @param {string} id
 * @param {() => LiveJob} job
 */
function going(id, job) {
    const time = signal(now());
    const ticking = setInterval(() => {
        time.value = now();
    }, 1000);
    ended(() => clearInterval(ticking));
    const frame = previewOf(id);
    return [
        h('div', { class: 'workflow-preview' }, () =>
            frame.value ? h('img', { src: frame.value, alt: 'What it looks like so far' }) : icon('image', 'large'),
        ),
        progress('Progress', () => job().progress),
        h(
            'div',
            { class: 'row small dim number' },
            h('span', { class: 'grow' }, () =>
                [stepOf(job()) || stateOf(job()), leftOf(secondsLeft(job(), heardOf(id), time.value))]
                    .filter(Boolean)
                    .join(' · '),
            ),
            button({ label: 'Cancel', icon: 'cancel', onclick: () => post(`/jobs/${id}/cancel`) }),
        ),
    ];
}

/**
 * @param {LiveJob} job
 * @param {() => Promise<void>} again
 */
function over(job, again) {
    return [
        job.output.length
            ? h(
                  'ul',
                  { class: 'workflow-pictures' },
                  job.output.map((one, at) => h('li', null, picture(job, one, at))),
              )
            : null,
        h(
            'div',
            { class: 'row' },
            h('span', { class: ['pill', KINDS[job.state] ?? ''] }, stateOf(job)),
            h('span', { class: 'dim small number' }, tookOf(job, 0)),
        ),
        job.error
            ? h(
                  'div',
                  { class: 'stack tight' },
                  h('p', { class: 'bad' }, job.error.message),
                  job.error.hint ? h('p', { class: 'dim' }, job.error.hint) : null,
              )
            : null,
        h(
            'div',
            { class: 'row' },
            job.output.length
                ? linkButton({ label: 'In the gallery', icon: 'gallery', href: linkTo('gallery', { open: job.id }) })
                : null,
            job.error ? button({ label: 'Run it again', icon: 'refresh', onclick: again }) : null,
        ),
    ];
}

/** @type {Record<string, string>} */
const KINDS = { completed: 'good', partial: 'warn', failed: 'bad' };

/**
 * @param {LiveJob} job
 * @param {Wire<'Output'>} one
 * @param {number} at
 */
const picture = (job, one, at) =>
    h(
        'a',
        { href: linkTo('gallery', { open: job.id }) },
        thumbnail(one, `Picture ${at + 1} of ${job.title || 'the try'}`),
    );
