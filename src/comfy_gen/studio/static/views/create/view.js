/** Create: a prompt, what was understood of it, quick settings, and what came of it. */

import { h, listen } from '../../core/dom.js';
import { may } from '../../core/session.js';
import { effect, signal } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { section, selectField } from '../../parts/fields.js';
import { head } from '../../parts/head.js';
import { icon } from '../../parts/icons.js';
import { report } from '../../parts/toasts.js';
import { adding } from './adding.js';
import { arriving } from './arriving.js';
import { chips } from './chips.js';
import { isTouched, mayRedo, mayUndo, redo, startAfresh, undo } from './draft.js';
import { imageInput } from './image.js';
import { kit as makeKit } from './kit.js';
import { parameters } from './parameters.js';
import { load } from './presets.js';
import { prompt as promptBox } from './prompt.js';
import { qualityOptions } from './quality.js';
import { recipe } from './recipe.js';
import { settings } from './settings.js';
import { sitting } from './sitting.js';
import { generate } from './submit.js';

/** @typedef {import('./kit.js').Kit} Kit */

const COUNTS = [1, 2, 3, 4, 6, 8, 12, 16];

export function view() {
    const kit = makeKit();
    const prompt = promptBox(kit);
    const isSending = signal(false);
    const send = async () => {
        if (isSending.peek()) return;
        isSending.value = true;
        try {
            if (await generate(kit)) showResults();
        } catch (error) {
            report(error);
        } finally {
            isSending.value = false;
        }
    };
    arriving(kit, (name) => loadOnce(kit, name));
    listen(document, 'keydown', (event) => press(event, send));
    return h(
        'div',
        { class: 'view create' },
        head('Create', ...changes()),
        h(
            'div',
            { class: 'create-columns' },
            h(
                'div',
                { class: 'create-asked card stack' },
                prompt.node,
                chips(kit, prompt.focus),
                adding(kit, prompt.insert),
                against(kit),
                () => (may('generate') ? null : h('p', { class: 'dim small' }, 'Your key may look, but not generate.')),
            ),
            sending(kit, isSending, send),
            sitting(),
            h(
                'section',
                { class: 'create-side stack', 'aria-labelledby': 'create-settings' },
                h('h2', { id: 'create-settings', class: 'unseen' }, 'Settings'),
                recipe(kit),
                section('Picture to start from', imageInput(kit.draft), { isOpen: pictureOpen(kit) }),
                h('div', { class: 'card' }, settings(kit)),
                section(
                    'Everything else of the workflow',
                    parameters(() => kit.choices.schema.value, kit.draft),
                ),
                section('Quality', qualityOptions(kit.draft)),
            ),
        ),
    );
}

/** Bring what was begun into sight, where it is below what it was asked with. */
function showResults() {
    const results = document.querySelector('.create-made:not([hidden])');
    if (matchMedia('(max-width: 60rem)').matches) results?.scrollIntoView();
}

/**
 * The picture is seen as soon as there is one, which may be dropped or pasted anywhere, or as one is needed.
 * @param {Kit} kit
 */
function pictureOpen({ draft, choices }) {
    const isOpen = signal(false);
    effect(() => {
        if (draft.inputImage.value || choices.schema.value?.required?.includes('image')) isOpen.value = true;
    });
    return isOpen;
}

const changes = () => [
    button({ label: 'Undo', icon: 'undo', kind: 'quiet', isBare: true, disabled: () => !mayUndo.value, onclick: undo }),
    button({ label: 'Redo', icon: 'redo', kind: 'quiet', isBare: true, disabled: () => !mayRedo.value, onclick: redo }),
    button({
        label: 'Start afresh',
        icon: 'trash',
        kind: 'quiet',
        disabled: () => !isTouched.value,
        onclick: startAfresh,
    }),
];

/** @param {Kit} kit */
function against({ refusal }) {
    const all = () => [...new Set([...refusal.value.others, ...Object.values(refusal.value.fields)])];
    return h('div', { class: 'create-against', role: 'alert' }, () =>
        all().length
            ? h(
                  'div',
                  { class: 'create-notice bad row' },
                  icon('warning'),
                  h(
                      'ul',
                      { class: 'stack tight' },
                      all().map((one) => h('li', null, one)),
                  ),
              )
            : null,
    );
}

/**
 * @param {Kit} kit
 * @param {{ value: boolean }} isSending
 * @param {() => Promise<void>} send
 */
function sending({ draft }, isSending, send) {
    const bound = {
        get value() {
            return String(draft.count.value);
        },
        set value(count) {
            draft.count.value = Number(count);
        },
    };
    const counts = () => [...new Set([...COUNTS, draft.count.value])].sort((a, b) => a - b);
    const label = () => (draft.count.value === 1 ? 'Generate' : `Generate ${draft.count.value}`);
    return h(
        'div',
        { class: 'create-sending row' },
        button({
            ...{ label, icon: 'create', kind: 'main', onclick: send },
            disabled: () => isSending.value || !may('generate'),
            more: { 'aria-keyshortcuts': 'Control+Enter Meta+Enter', title: 'Ctrl+Enter' },
        }),
        selectField(
            'Pictures',
            bound,
            () => counts().map((one) => [String(one), one === 1 ? '1 picture' : `${one} pictures`]),
            { isBare: true },
        ),
    );
}

/**
 * @param {KeyboardEvent} event
 * @param {() => void} send
 */
function press(event, send) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector('dialog[open]')) return;
    const key = event.key.toLowerCase();
    const isText =
        event.target instanceof Element &&
        event.target.matches('textarea, input:not([type=radio], [type=checkbox], [type=range])');
    const work =
        key === 'enter'
            ? send
            : isText
              ? null
              : key === 'z'
                ? event.shiftKey
                    ? redo
                    : undo
                : key === 'y'
                  ? redo
                  : null;
    if (!work) return;
    event.preventDefault();
    work();
}

/**
 * @param {Kit} kit
 * @param {string} name
 */
function loadOnce(kit, name) {
    let isDone = false;
    effect(() => {
        if (isDone || !kit.choices.presets.data.value) return;
        isDone = true;
        load(kit, name);
    });
}
