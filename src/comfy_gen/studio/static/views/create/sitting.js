/** What came of this sitting: each job as it goes, then its pictures. */

import { pictureOf, post, thumbnailOf } from '../../core/api.js';
import { each, h } from '../../core/dom.js';
import { keptSignal } from '../../core/kept.js';
import { heed, isOver, jobIds, jobOf, previewOf } from '../../core/live.js';
import { go, linkTo } from '../../core/router.js';
import { computed, ended, signal } from '../../core/signals.js';
import { capital, duration } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { icon } from '../../parts/icons.js';
import { menu } from '../../parts/menus.js';
import { progress, thumbnail } from '../../parts/pictures.js';
import { empty } from '../../parts/states.js';

/** @typedef {{ id: string, title: string }} Made */
/** @typedef {Wire<'LiveJob'>} LiveJob */

const MOST = 60;
/** So many pixels the longer side of a thumbnail has. */
const THUMBNAIL = 256;
const made = keptSignal('create:made', /** @type {readonly Made[]} */ ([]));
/** Those that were sent, and that the stream has not told of yet. */
const awaited = signal(/** @type {ReadonlySet<string>} */ (new Set()));
/** Those that were sent since the page was loaded: their ends are news. */
const own = new Set();

/**
 * Show a job that was accepted.
 * @param {Made} job
 * @param {string} [before] The one that was sent before it, of several at once: they are shown in that order.
 */
export function add(job, before = '') {
    own.add(job.id);
    awaited.value = new Set([...awaited.peek(), job.id]);
    const at = made.peek().findIndex((one) => one.id === before) + 1;
    made.value = made.peek().toSpliced(at, 0, job).slice(0, MOST);
}

export function sitting() {
    const shown = computed(() => {
        const known = new Set(jobIds.value);
        return made.value.filter((one) => known.has(one.id) || awaited.value.has(one.id));
    });
    const list = h(
        'section',
        { class: 'create-made stack tight', 'aria-labelledby': 'create-made', hidden: () => !shown.value.length },
        [
            h(
                'div',
                { class: 'row' },
                h('h2', { id: 'create-made', class: 'grow' }, 'Your pictures'),
                button({
                    ...{ label: 'Clear the list', kind: 'quiet' },
                    onclick: () => {
                        made.value = [];
                    },
                }),
            ),
            h(
                'ul',
                { class: 'create-strip', tabindex: '0', 'aria-label': 'Results of this sitting' },
                each(
                    () => shown.value,
                    (one) => one.id,
                    (one) => h('li', { class: 'create-result' }, result(one)),
                ),
            ),
            announcements(),
        ],
    );
    return h('div', { class: 'create-results' }, list, () => (shown.value.length ? null : nothing()));
}

const nothing = () =>
    h(
        'div',
        { class: 'create-nothing' },
        empty({
            ...{ icon: 'image', title: 'Your pictures appear here' },
            text: 'Write what you want to see, and press Generate. Nothing else has to be set.',
        }),
    );

/** @param {Made} one */
function result(one) {
    const isKnown = computed(() => jobIds.value.includes(one.id));
    return () => (isKnown.value ? card(one) : waiting(one));
}

/** Tell who cannot see it when a picture is there, or could not be made. */
function announcements() {
    const text = signal('');
    ended(
        heed((job) => {
            if (awaited.peek().has(job.id)) awaited.value = new Set([...awaited.peek()].filter((id) => id !== job.id));
            if (!isOver(job) || !own.delete(job.id)) return;
            text.value = `${stateOf(job)}: ${job.title}`;
        }),
    );
    return h('p', { class: 'unseen', role: 'status' }, () => text.value);
}

/** @param {Made} one */
const waiting = ({ title }) =>
    h(
        'div',
        { class: 'create-frame' },
        h('span', { class: 'spinner' }),
        h('span', { class: 'unseen' }, `Sent: ${title}`),
    );

/** @param {Made} one */
function card({ id, title }) {
    const job = () => /** @type {import('../../core/signals.js').Signal<LiveJob>} */ (jobOf(id)).value;
    const isDone = computed(() => isOver(job()));
    const picture = computed(() => job().output.find((/** @type {any} */ one) => one.media_type) ?? null);
    const state = computed(() => stateOf(job()));
    const name = () => `${state.value}: ${title || 'without a title'}`;
    return h(
        'article',
        { 'aria-label': title || 'Result' },
        h(
            'a',
            {
                class: 'create-frame',
                href: () => (picture.value ? linkTo('gallery', { open: id }) : linkTo('live', { job: id })),
                'aria-label': name,
            },
            () => (picture.value ? large(picture.value, title) : onTheWay(id, isDone, () => job().state === 'queued')),
        ),
        () =>
            isDone.value
                ? null
                : progress(`Progress of ${title}`, () => (job().state === 'queued' ? 0 : job().progress)),
        h(
            'div',
            { class: 'row tight small' },
            h(
                'span',
                {
                    class: () => ['grow ellipsis', job().state === 'failed' && 'bad'],
                    title: () => job().error?.message ?? '',
                },
                () => said(job()),
            ),
            () => (isDone.value ? picture.value && goingOn(id, title) : cancelling(id, title)),
        ),
    );
}

/**
 * @param {string} id
 * @param {string} title
 */
const cancelling = (id, title) =>
    button({
        ...{ label: `Cancel ${title}`, icon: 'cancel', kind: 'quiet', isBare: true },
        onclick: () => post(`/jobs/${id}/cancel`),
    });

/**
 * @param {string} id
 * @param {string} title
 */
const goingOn = (id, title) =>
    menu(`Go on from ${title}`, () => [
        { label: 'Use as input', icon: 'image', do: () => go('create', { from: id, as: 'input' }) },
        { label: 'Same settings', icon: 'copy', do: () => go('create', { from: id, as: 'settings' }) },
        { label: 'Vary', icon: 'seed', do: () => go('create', { from: id, as: 'vary' }) },
    ]);

/**
 * Show a picture as sharp as the place for it, which is larger than a thumbnail where there are few.
 * @param {{ id: string, media_type: string, width: number | null, height: number | null }} artifact
 * @param {string} text
 */
function large(artifact, text) {
    const shown = thumbnail(artifact, text);
    const side = Math.max(artifact.width ?? 0, artifact.height ?? 0);
    if (shown instanceof HTMLImageElement && side > THUMBNAIL) {
        shown.sizes = 'auto, (max-width: 44rem) 50vw, 22rem';
        shown.srcset = `${thumbnailOf(artifact.id)} ${THUMBNAIL}w, ${pictureOf(artifact.id)} ${side}w`;
    }
    return shown;
}

/**
 * @param {string} id
 * @param {{ readonly value: boolean }} isDone
 * @param {() => boolean} isQueued
 */
function onTheWay(id, isDone, isQueued) {
    const seen = previewOf(id);
    return () => {
        if (isDone.value) return icon('warning', 'large');
        return seen.value
            ? h('img', { class: 'thumbnail', src: seen.value, alt: 'Preview' })
            : isQueued()
              ? icon('image', 'large')
              : h('span', { class: 'spinner' });
    };
}

/** @param {LiveJob} job */
function stateOf(job) {
    if (job.state === 'completed' || job.state === 'partial') return 'Done';
    return capital(job.state);
}

/** @param {LiveJob} job */
function said(job) {
    if (job.state === 'failed') return job.error?.message ?? 'Failed';
    if (isOver(job))
        return job.started && job.ended ? `${stateOf(job)} in ${duration(job.ended - job.started)}` : stateOf(job);
    const left = job.eta && job.eta.median >= 1 ? `, ${duration(job.eta.median)} left` : '';
    return job.state === 'queued' ? `Waiting${left}` : `${Math.round(job.progress)} %${left}`;
}
