/** The LoRAs: added by search, each with its strength. */

import { each, h } from '../../core/dom.js';
import { button } from '../../parts/buttons.js';
import { combobox } from '../../parts/combobox.js';
import { numberField } from '../../parts/fields.js';

/** @typedef {import('./kit.js').Kit} Kit */

const USUAL = 1;
const MOST = 20;

/** @param {Kit} kit */
export function loras({ draft, choices, errorOf }) {
    const names = () => draft.loras.value.map((one) => one.name);
    const add = (/** @type {string} */ name) => {
        if (!names().includes(name) && names().length < MOST)
            draft.loras.value = [...draft.loras.peek(), { name, strength: USUAL }];
    };
    const root = h(
        'div',
        { class: 'stack tight', role: 'group', 'aria-label': 'LoRAs' },
        combobox(
            'LoRAs',
            { value: '' },
            () =>
                choices
                    .loras()
                    .filter((file) => !names().includes(file))
                    .map((file) => ({ value: file, label: file })),
            { placeholder: 'Add a LoRA', error: () => errorOf('loras'), onchoose: (one) => add(one.value) },
        ),
        h(
            'ul',
            { class: 'stack tight', hidden: () => !names().length },
            each(
                () => names(),
                (name) => name,
                (name) =>
                    h(
                        'li',
                        null,
                        row(draft, name, () => root.querySelector('input')?.focus()),
                    ),
            ),
        ),
    );
    return root;
}

/**
 * @param {Kit['draft']} draft
 * @param {string} name
 * @param {() => void} refocus
 */
function row(draft, name, refocus) {
    const put = (/** @type {number} */ strength) => {
        draft.loras.value = draft.loras.peek().map((one) => (one.name === name ? { name, strength } : one));
    };
    const bound = {
        get value() {
            return draft.loras.value.find((one) => one.name === name)?.strength ?? USUAL;
        },
        set value(strength) {
            put(strength ?? USUAL);
        },
    };
    const remove = () => {
        draft.loras.value = draft.loras.peek().filter((one) => one.name !== name);
        refocus();
    };
    return h(
        'div',
        { class: 'create-lora' },
        numberField(name, bound, { min: -2, max: 2, step: 0.05, slider: true }),
        button({ label: `Remove ${name}`, icon: 'trash', kind: 'quiet', isBare: true, onclick: remove }),
    );
}
