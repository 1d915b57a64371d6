/** All workflows: searched, filtered, and taken in by choosing a file, dropping it, or pasting. */

import { each, h, listen } from '../../core/dom.js';
import { linkTo } from '../../core/router.js';
import { may } from '../../core/session.js';
import { computed, signal } from '../../core/signals.js';
import { amount } from '../../core/words.js';
import { button, linkButton } from '../../parts/buttons.js';
import { selectField, textField } from '../../parts/fields.js';
import { head } from '../../parts/head.js';
import { empty } from '../../parts/states.js';
import { addWorkflow } from './adding.js';
import { matching, titleOf } from './searching.js';

/** @typedef {Wire<'WorkflowSummary'>} Summary */
/** @typedef {ReturnType<typeof import('../../parts/states.js').loaded<Summary[]>>} All */

/** @param {All} all */
export function listing(all) {
    const text = signal('');
    const source = signal('');
    const output = signal('');
    const found = computed(() =>
        matching(all.data.value ?? [], {
            text: text.value,
            source: /** @type {any} */ (source.value),
            output: /** @type {any} */ (output.value),
        }),
    );
    const take = (/** @type {Blob | string | undefined} */ handed) => addWorkflow(all, handed);
    const isOver = signal(false);
    const view = h(
        'div',
        { class: () => ['view', 'workflows', isOver.value && 'dropping'] },
        head('Workflows', () =>
            may('generate')
                ? button({ label: 'Add a workflow', icon: 'upload', kind: 'main', onclick: () => take(undefined) })
                : null,
        ),
        h(
            'div',
            { class: 'workflows-filter' },
            textField('Search workflows', text, { type: 'search', placeholder: 'Search workflows', isBare: true }),
            selectField(
                'Whose',
                source,
                () => [
                    ['', 'All'],
                    ['saved', 'Saved here'],
                    ['shipped', 'Shipped'],
                ],
                { isBare: true },
            ),
            selectField(
                'What they make',
                output,
                () => [
                    ['', 'Pictures and videos'],
                    ['image', 'Pictures'],
                    ['video', 'Videos'],
                ],
                { isBare: true },
            ),
        ),
        all.show(() => null, 'the workflows'),
        h('p', { class: 'dim small', role: 'status' }, () => (all.data.value ? told(found.value.length) : '')),
        h(
            'ul',
            { class: 'workflows-cards', 'aria-label': 'Workflows' },
            each(
                () => found.value,
                (one) => JSON.stringify(one),
                (one) => h('li', { class: 'card workflows-card' }, card(one)),
            ),
        ),
        () => (all.data.value && !found.value.length ? nothing(text, source, output) : null),
    );
    if (may('generate')) receive(isOver, take);
    return view;
}

/** @param {number} count */
const told = (count) =>
    may('generate')
        ? `${amount(count, 'workflow')}. Drop a workflow or a picture that ComfyUI made here, or paste its JSON.`
        : amount(count, 'workflow');

/** @param {...import('../../core/signals.js').Signal<string>} filters */
function nothing(...filters) {
    const clear = () => {
        for (const one of filters) one.value = '';
    };
    return empty({
        icon: 'search',
        title: 'No workflow is like that',
        text: 'Look for fewer words, or look at all of them.',
        actions: [button({ label: 'Show all', onclick: clear })],
    });
}

/** @param {Summary} one */
function card(one) {
    const title = titleOf(one);
    return [
        h(
            'div',
            { class: 'row tight' },
            h('h2', { class: 'grow' }, h('a', { href: linkTo('workflows', { name: one.name }) }, title)),
            h(
                'span',
                { class: ['pill', one.source === 'saved' && 'good'] },
                one.source === 'saved' ? 'saved' : 'shipped',
            ),
        ),
        one.summary ? h('p', { class: 'dim small workflows-summary' }, one.summary) : null,
        h(
            'div',
            { class: 'row workflows-foot' },
            h(
                'span',
                { class: 'dim small grow ellipsis' },
                one.output === 'video' ? 'Video' : 'Picture',
                ' · ',
                one.name,
                one.owner ? ` · ${one.owner}` : '',
            ),
            linkButton({
                label: 'Try it',
                icon: 'play',
                kind: 'quiet',
                href: linkTo('workflows', { name: one.name, part: 'try' }),
                more: { 'aria-label': `Try ${title}` },
            }),
            linkButton({
                label: 'Use',
                icon: 'create',
                href: linkTo('create', { workflow: one.name }),
                more: { 'aria-label': `Use ${title} in Create` },
            }),
        ),
    ];
}

/**
 * Take what is dropped on the view, and what is pasted anywhere in it.
 * @param {import('../../core/signals.js').Signal<boolean>} isOver
 * @param {(handed: Blob | string) => unknown} take
 */
function receive(isOver, take) {
    const isTaken = (/** @type {DragEvent} */ event) =>
        [...(event.dataTransfer?.types ?? [])].some((type) => type === 'Files' || type === 'text/plain');
    listen(document, 'dragover', (event) => {
        if (!isTaken(event) || document.querySelector('dialog[open]')) return;
        event.preventDefault();
        isOver.value = true;
    });
    listen(document, 'dragleave', (event) => {
        if (!event.relatedTarget) isOver.value = false;
    });
    listen(document, 'drop', (event) => {
        isOver.value = false;
        if (document.querySelector('dialog[open]')) return;
        event.preventDefault();
        hand(event.dataTransfer, take);
    });
    listen(document, 'paste', (event) => {
        if (document.querySelector('dialog[open]') || event.target.closest?.('input, textarea')) return;
        hand(event.clipboardData, take);
    });
}

/**
 * @param {DataTransfer | null} data
 * @param {(handed: Blob | string) => unknown} take
 */
function hand(data, take) {
    const [file] = data?.files ?? [];
    const text = data?.getData('text/plain') ?? '';
    if (file) take(file);
    else if (text.trim()) take(text);
}
