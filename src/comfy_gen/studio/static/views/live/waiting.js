/** The jobs that wait, as the line has them, and apart from them those that are held. */

import { each, fill, h } from '../../core/dom.js';
import { jobOf } from '../../core/live.js';
import { count } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { menu } from '../../parts/menus.js';
import { cancel, hold, moveTo, open, release, reprioritise } from './actions.js';
import { nearScreen } from './near.js';
import { HOW, reordering } from './reorder.js';
import { fact, facts, part, title, whose } from './rows.js';
import { doneIn, titleOf } from './words.js';

/** @typedef {import('./rows.js').Live} Live */
/** @typedef {import('./lists.js').Lists} Lists */

/**
 * @param {Lists} lists
 * @param {(text: string) => void} announce
 */
export function waiting(lists, announce) {
    const handle = reordering(lists, announce);
    const near = nearScreen();
    const row = (/** @type {string} */ id, /** @type {number} */ at) => {
        const job = /** @type {Live} */ (jobOf(id));
        const made = h('li', { class: 'live-row', dataset: { job: id } });
        fill(
            made,
            near(made, at, () => content(job, lists, handle(id))),
        );
        return made;
    };
    return part(
        'Waiting',
        () => lists.waiting.value.length,
        h(
            'p',
            { id: HOW, class: 'unseen' },
            'Press Space to pick it up, the arrow keys to move it, Space to drop it, Escape to put it back.',
        ),
        h(
            'ol',
            { class: 'live-line' },
            each(
                () => lists.waiting.value,
                (id) => id,
                (id, at) => row(id, at()),
            ),
        ),
        () =>
            lists.isLineWhole.value
                ? null
                : h(
                      'p',
                      { class: 'dim' },
                      `These are the first ${count(lists.line.value.length)}; more wait behind them.`,
                  ),
    );
}

/** @param {Lists} lists */
export function held(lists) {
    return part(
        'Held',
        () => lists.set.value.length,
        h('p', { class: 'dim' }, 'These start only once they are released.'),
        h(
            'ul',
            { class: 'live-line' },
            each(
                () => lists.set.value,
                (id) => id,
                (id) =>
                    h(
                        'li',
                        { class: 'live-row', dataset: { job: id } },
                        content(/** @type {Live} */ (jobOf(id)), lists, null),
                    ),
            ),
        ),
    );
}

/**
 * @param {Live} job
 * @param {Lists} lists
 * @param {Node | null} handle None: it does not stand in the line.
 */
function content(job, lists, handle) {
    const { id } = job.peek();
    const number = lists.positionOf(id);
    return [
        handle,
        handle ? h('span', { class: 'live-number number dim' }, () => String(number.value || '')) : null,
        h(
            'div',
            { class: 'live-what' },
            title(job),
            facts(
                handle ? fact(() => doneIn(lists.wait(job.value)), 'number') : null,
                fact(() => (job.value.priority ? `priority ${job.value.priority}` : ''), 'pill'),
                fact(() => (job.value.error ? `tried before: ${job.value.error.message}` : ''), 'warn ellipsis'),
                whose(job),
            ),
        ),
        handle
            ? null
            : button({ label: 'Release', icon: 'play', onclick: () => release(id), more: named('Release', job) }),
        menu(`More for ${titleOf(job.peek())}`, () => actionsOf(job.peek())),
    ];
}

/**
 * Have a button that is in every row read aloud with what it is for.
 * @param {string} label
 * @param {Live} job
 */
const named = (label, job) => ({ 'aria-label': `${label} ${titleOf(job.peek())}` });

/**
 * @param {Wire<'LiveJob'>} job
 * @returns {Array<import('../../parts/menus.js').Action | false>}
 */
function actionsOf(job) {
    return [
        { label: 'Open', icon: 'zoom', do: () => open(job.id) },
        !job.is_held && { label: 'Move to first', icon: 'up', do: () => moveTo(job.id, 'first') },
        !job.is_held && { label: 'Move to last', icon: 'down', do: () => moveTo(job.id, 'last') },
        { label: 'Priority …', icon: 'chart', do: () => reprioritise(job) },
        job.is_held
            ? { label: 'Release', icon: 'play', do: () => release(job.id) }
            : { label: 'Hold', icon: 'pause', do: () => hold(job.id) },
        { label: 'Cancel', icon: 'cancel', kind: 'danger', do: () => cancel(job.id) },
    ];
}
