/** What is on record of a job: its attempts, what happened to it, and what was asked for. */

import { addressOf, get } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { effect, signal } from '../../core/signals.js';
import { duration } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { section } from '../../parts/fields.js';
import { loaded } from '../../parts/states.js';
import { table, unseen } from '../../parts/tables.js';
import { say } from '../../parts/toasts.js';
import { literals, sentenceOf } from './told.js';

/** @typedef {import('./told.js').Told} Told */

/** @param {Wire<'JobDetail'>} found */
export function attempts(found) {
    if (!found.attempts.length) return null;
    return h(
        'div',
        { class: 'live-table', tabindex: '0', role: 'region', 'aria-label': 'Attempts' },
        table(
            [unseen('Number'), 'Engine', 'Took', 'Ending'],
            found.attempts.map((one) =>
                h(
                    'tr',
                    null,
                    h('td', { class: 'number' }, one.number),
                    h('td', null, one.engine ?? '–'),
                    h('td', { class: 'number' }, one.ended === null ? '…' : duration(one.ended - one.started)),
                    h('td', null, [one.ending ?? 'goes on', one.failure?.message].filter(Boolean).join(': ')),
                ),
            ),
            h('caption', null, 'Attempts'),
        ),
    );
}

/**
 * Everything that happens to a job, from its first moment on; read once somebody wants to see it.
 * @param {string} id
 */
export function happenings(id) {
    const isOpen = signal(false);
    const events = signal(/** @type {readonly Told[]} */ ([]));
    effect(() => {
        if (!isOpen.value) return undefined;
        events.value = [];
        const stream = new EventSource(addressOf(`/jobs/${encodeURIComponent(id)}/events`, { previews: 'none' }));
        const hear = (/** @type {MessageEvent} */ event) => {
            events.value = [...events.peek(), { type: event.type, data: JSON.parse(event.data) }];
        };
        for (const type of ['state', 'note', 'progress']) stream.addEventListener(type, hear);
        stream.addEventListener('end', () => stream.close());
        return () => stream.close();
    });
    const list = h('ol', { class: 'live-events' }, () =>
        isOpen.value && events.value.length
            ? events.value.map((one) => h('li', null, sentenceOf(one)))
            : h('li', { class: 'dim' }, 'Looking …'),
    );
    return section('What happened', list, { isOpen });
}

/**
 * What a job was asked to do: the settings of its workflow, and the workflow itself.
 * @param {string} id
 */
export function order(id) {
    const isOpen = signal(false);
    const asked = () =>
        loaded(
            (until) =>
                /** @type {Promise<Wire<'JobAsked'>>} */ (
                    get(`/jobs/${encodeURIComponent(id)}/request`, undefined, until)
                ),
        );
    return section(
        'Settings and workflow',
        () => (isOpen.value ? h('div', { class: 'stack' }, asked().show(request, 'what was asked for')) : null),
        {
            isOpen,
        },
    );
}

/** @param {Wire<'JobAsked'>} asked */
function request(asked) {
    const text = JSON.stringify(asked.workflow, null, 2);
    const copy = async () => {
        await navigator.clipboard.writeText(text);
        say('The workflow is copied.');
    };
    return [
        literals(asked.workflow).map(({ node, inputs }) =>
            h(
                'div',
                { class: 'live-node' },
                h('h3', null, node),
                h(
                    'dl',
                    { class: 'live-about' },
                    inputs.map(([name, value]) =>
                        h('div', null, h('dt', { class: 'dim' }, name), h('dd', null, value)),
                    ),
                ),
            ),
        ),
        asked.tags.length ? h('p', null, `Tags of its engine: ${asked.tags.join(', ')}`) : null,
        section('Workflow as JSON', [
            button({ label: 'Copy', icon: 'copy', onclick: copy }),
            h('pre', { class: 'live-json', tabindex: '0' }, text),
        ]),
    ];
}
