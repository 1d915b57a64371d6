/** Presets: those of the workflow, and those that somebody keeps for themselves. */

import { put } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { signal } from '../../core/signals.js';
import { capital } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { openDialog } from '../../parts/dialogs.js';
import { selectField, textField } from '../../parts/fields.js';
import { report, say } from '../../parts/toasts.js';
import { change } from './draft.js';
import { partsOf, presetOf } from './order.js';
import { inserted } from './reading.js';

/** @typedef {import('./kit.js').Kit} Kit */

const USUAL = ['draft', 'balanced', 'high-quality'];
const OWN = 'own:';
const NAME = /^[a-z0-9][a-z0-9_-]{0,47}$/;

/** @param {Kit} kit */
export function presets(kit) {
    const { draft, choices, errorOf } = kit;
    const bound = {
        get value() {
            return draft.preset.value;
        },
        set value(chosen) {
            if (chosen.startsWith(OWN)) load(kit, chosen.slice(OWN.length));
            else draft.preset.value = chosen;
        },
    };
    const ofWorkflow = () =>
        Object.keys(choices.detail.value?.presets ?? Object.fromEntries(USUAL.map((one) => [one, 1])));
    const field = selectField(
        'Preset',
        bound,
        () => [
            ['', 'As usual'],
            ...ofWorkflow().map((name) => /** @type {const} */ ([name, capital(name).replace('-', ' ')])),
            ...(choices.presets.data.value ?? []).map(
                (one) => /** @type {const} */ ([OWN + one.name, `Fill in “${one.name}”`]),
            ),
        ],
        { error: () => errorOf('preset') },
    );
    // What was filled in is not chosen: the fields have it, and can be changed.
    field.querySelector('select')?.addEventListener('change', (event) => {
        const select = /** @type {HTMLSelectElement} */ (event.target);
        if (select.value.startsWith(OWN)) select.value = draft.preset.peek();
    });
    return h(
        'div',
        { class: 'create-beside' },
        field,
        button({ label: 'Save these settings as a preset', icon: 'save', isBare: true, onclick: () => save(kit) }),
    );
}

/**
 * Fill in what a preset says; what it does not stays.
 * @param {Kit} kit
 * @param {string} name
 */
export function load({ draft, choices }, name) {
    const found = choices.presets.data.peek()?.find((one) => one.name === name);
    if (!found) {
        if (USUAL.includes(name)) draft.preset.value = name;
        else say(`There is no preset “${name}”.`);
        return;
    }
    const missing = /** @type {string[]} */ (found.values.categories ?? []).filter(
        (id) => !draft.text.peek().includes(`@${id}`),
    );
    const text = missing.reduce((before, id) => inserted(before, `@${id}`, before.length).text, draft.text.peek());
    change({ ...partsOf(found.values), preset: '', text });
    say(`“${name}” is filled in.`);
}

/** @param {Kit} kit */
async function save(kit) {
    const name = signal('');
    const error = signal('');
    const { preview } = await kit.understanding.settled();
    const values = presetOf(kit.written(), preview?.tags_found);
    const saved = await openDialog('Save as a preset', (/** @type {(value?: string) => void} */ close) => {
        const done = async () => {
            error.value = wrongName(name.peek(), values);
            if (error.peek()) return;
            await put(`/presets/${encodeURIComponent(name.peek().trim())}`, { values });
            close(name.peek().trim());
        };
        return h(
            'form',
            {
                class: 'stack',
                onsubmit: (/** @type {Event} */ event) => {
                    event.preventDefault();
                    done().catch(report);
                },
            },
            textField('Name', name, {
                ...{ error: () => error.value, hint: 'One of this name is replaced.' },
                more: { maxlength: '100', autofocus: true },
            }),
            h(
                'p',
                { class: 'dim small' },
                `It keeps: ${Object.keys(values).join(', ').replaceAll('_', ' ') || 'nothing yet'}.`,
            ),
            h(
                'footer',
                null,
                button({ label: 'Cancel', onclick: () => close() }),
                h('button', { type: 'submit', class: 'button main' }, 'Save'),
            ),
        );
    });
    if (!saved) return;
    kit.choices.presets.again();
    say(`“${saved}” is saved.`);
}

/**
 * @param {string} name
 * @param {Record<string, unknown>} values
 */
function wrongName(name, values) {
    if (!name.trim()) return 'Give it a name.';
    if (USUAL.includes(name.trim())) return 'Workflows have one of this name: take another.';
    if (!NAME.test(name.trim())) return 'Up to 48 of a-z, 0-9, _ and -, beginning with a letter or digit.';
    return Object.keys(values).length ? '' : 'There is nothing to keep yet: set something first.';
}
