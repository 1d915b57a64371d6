/** The jobs that run: each with what it looks like by now, and how far it is. */

import { each, h } from '../../core/dom.js';
import { heardOf, jobOf, previewOf } from '../../core/live.js';
import { button } from '../../parts/buttons.js';
import { icon } from '../../parts/icons.js';
import { progress } from '../../parts/pictures.js';
import { cancel } from './actions.js';
import { percentOf } from './line.js';
import { fact, facts, part, title, whose } from './rows.js';
import { leftOf, secondsLeft, stateOf, stepOf, titleOf, tookOf } from './words.js';

/** @typedef {import('./rows.js').Live} Live */

/** @param {import('./lists.js').Lists} lists */
export function running(lists) {
    return part(
        'Running',
        () => lists.running.value.length,
        h(
            'ul',
            { class: 'live-running' },
            each(
                () => lists.running.value,
                (id) => id,
                (id) => card(/** @type {Live} */ (jobOf(id)), lists),
            ),
        ),
    );
}

/**
 * @param {Live} job
 * @param {import('./lists.js').Lists} lists
 */
function card(job, lists) {
    const { id } = job.peek();
    const time = lists.seconds;
    const attempt = () => (job.value.attempt > 1 ? `attempt ${job.value.attempt}` : '');
    return h(
        'li',
        { class: 'card live-card', dataset: { job: id } },
        preview(job),
        h(
            'div',
            { class: 'live-what' },
            h(
                'div',
                { class: 'row tight' },
                h('div', { class: 'grow' }, title(job)),
                button({
                    label: `Cancel ${titleOf(job.peek())}`,
                    icon: 'cancel',
                    kind: 'quiet',
                    isBare: true,
                    onclick: () => cancel(id),
                }),
            ),
            h(
                'div',
                { class: 'row tight' },
                h(
                    'div',
                    { class: 'grow' },
                    progress(`Progress of ${titleOf(job.peek())}`, () => percentOf(job.value)),
                ),
                h('span', { class: 'number live-percent' }, () => percent(percentOf(job.value))),
            ),
            facts(
                fact(() => stepOf(job.value) || stateOf(job.value)),
                fact(() => leftOf(secondsLeft(job.value, heardOf(id), time.value)), 'number'),
            ),
            facts(
                fact(() => job.value.engine ?? '', 'live-engine'),
                fact(attempt, 'pill warn'),
                fact(() => (job.value.started === null ? '' : `${tookOf(job.value, time.value)} so far`), 'number'),
                whose(job),
            ),
        ),
    );
}

/** @param {number | null} known */
const percent = (known) => (known === null ? '' : `${known} %`);

/** @param {Live} job */
function preview(job) {
    const { id } = job.peek();
    const frame = previewOf(id);
    return h('div', { class: 'live-preview' }, () =>
        frame.value
            ? h('img', { src: frame.value, alt: `What ${titleOf(job.peek())} looks like so far`, draggable: 'false' })
            : icon('image', 'large'),
    );
}
