/** The jobs that ended lately: what came of each, or what went wrong and what to do about it. */

import { each, h } from '../../core/dom.js';
import { jobOf } from '../../core/live.js';
import { linkTo } from '../../core/router.js';
import { signal } from '../../core/signals.js';
import { ago, amount, moment } from '../../core/words.js';
import { button, linkButton } from '../../parts/buttons.js';
import { icon } from '../../parts/icons.js';
import { menu } from '../../parts/menus.js';
import { thumbnail } from '../../parts/pictures.js';
import { forget, open, retry } from './actions.js';
import { fact, facts, part, title, whose } from './rows.js';
import { adviceOf, stateOf, titleOf, tookOf } from './words.js';

/** @typedef {import('./rows.js').Live} Live */
/** @typedef {Wire<'LiveJob'>} LiveJob */

const PAGE = 50;

/** @param {import('./lists.js').Lists} lists */
export function done(lists) {
    const most = signal(PAGE);
    return part(
        'Ended lately',
        () => lists.ended.value.length,
        h(
            'ul',
            { class: 'live-done' },
            each(
                () => lists.ended.value.slice(0, most.value),
                (id) => id,
                (id) => row(/** @type {Live} */ (jobOf(id)), lists),
            ),
        ),
        h(
            'div',
            { class: 'row' },
            () =>
                lists.ended.value.length > most.value
                    ? button({
                          label: 'Show more',
                          icon: 'down',
                          onclick: () => {
                              most.value = most.peek() + PAGE;
                          },
                      })
                    : null,
            linkButton({ label: 'All pictures', href: linkTo('gallery'), icon: 'gallery', kind: 'quiet' }),
        ),
    );
}

/**
 * @param {Live} job
 * @param {import('./lists.js').Lists} lists
 */
function row(job, lists) {
    const { id } = job.peek();
    const time = lists.seconds;
    return h(
        'li',
        { class: 'live-row live-ended', dataset: { job: id } },
        () => picture(job.value),
        h(
            'div',
            { class: 'live-what' },
            title(job),
            facts(
                () => h('span', { class: ['pill', KINDS[job.value.state]] }, stateOf(job.value)),
                () => (job.value.passed === false ? h('span', { class: 'pill warn' }, 'Pictures did not pass') : null),
                fact(() => tookOf(job.value, 0), 'number'),
                () =>
                    h(
                        'time',
                        { class: 'number', title: moment(job.value.ended ?? 0) },
                        ago(job.value.ended ?? 0, time.value),
                    ),
                fact(() => (job.value.output.length > 1 ? amount(job.value.output.length, 'file') : '')),
                whose(job),
            ),
            () => trouble(job.value),
        ),
        () =>
            isRetriable(job.value)
                ? button({
                      label: 'Retry',
                      icon: 'refresh',
                      onclick: () => retry(id),
                      more: { 'aria-label': `Retry ${titleOf(job.value)}` },
                  })
                : null,
        menu(`More for ${titleOf(job.peek())}`, () => actionsOf(job.peek())),
    );
}

/** @param {LiveJob} job */
export const isRetriable = (job) => ['partial', 'failed', 'cancelled'].includes(job.state);

/** @type {Record<string, string>} */
const KINDS = { completed: 'good', partial: 'warn', failed: 'bad' };

/** @param {LiveJob} job */
function picture(job) {
    const [first] = job.output;
    if (!first) return h('span', { class: 'live-picture' }, icon(job.state === 'failed' ? 'warning' : 'image'));
    return h(
        'a',
        { class: 'live-picture', href: linkTo('gallery', { open: job.id }) },
        thumbnail(first, `Show the picture of ${titleOf(job)} in the gallery`),
    );
}

/**
 * What went wrong, and what to do.
 * @param {LiveJob} job
 */
export function trouble({ error }) {
    if (!error) return null;
    return h(
        'div',
        { class: 'live-trouble' },
        h('p', { class: 'bad' }, error.message),
        adviceOf(error) ? h('p', { class: 'dim' }, adviceOf(error)) : null,
    );
}

/**
 * @param {LiveJob} job
 * @returns {Array<import('../../parts/menus.js').Action | false>}
 */
function actionsOf(job) {
    return [
        { label: 'Open', icon: 'zoom', do: () => open(job.id) },
        isRetriable(job) && { label: 'Retry', icon: 'refresh', do: () => retry(job.id) },
        { label: 'Delete …', icon: 'trash', kind: 'danger', do: () => forget(job) },
    ];
}
