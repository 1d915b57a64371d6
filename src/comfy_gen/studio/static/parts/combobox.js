/** A field that is searched: models, LoRAs, categories. After the ARIA pattern of an editable combobox with a list. */

import { h, listen, uniqueId } from '../core/dom.js';
import { computed, signal } from '../core/signals.js';
import { field } from './fields.js';

/** @typedef {{ value: string, label: string, detail?: string }} Choice */

const MOST = 100;

/**
 * Return the choices that have all words of a text, those that begin with it first. Pure.
 * @param {readonly Choice[]} choices
 * @param {string} text
 * @returns {Choice[]}
 */
export function matching(choices, text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = choices.filter((one) => {
        const said = `${one.label} ${one.value} ${one.detail ?? ''}`.toLowerCase();
        return words.every((word) => said.includes(word));
    });
    const first = words[0] ?? '';
    const rank = (/** @type {Choice} */ one) => (one.label.toLowerCase().startsWith(first) ? 0 : 1);
    return found.sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
}

/**
 * Make one.
 * @param {string} label
 * @param {import('./fields.js').Bound<string>} bound What was chosen: the value of a choice; empty for none.
 * @param {() => readonly Choice[]} choices
 * @param {import('./fields.js').FieldOptions & { placeholder?: import('./fields.js').Live<string>, isFree?: boolean, onchoose?: (choice: Choice) => void }} [options] With `isFree`, what is typed is a value too. With `onchoose`, what is chosen is handed over, and the field is empty again.
 */
export function combobox(label, bound, choices, { placeholder = '', isFree = false, onchoose, ...rest } = {}) {
    const list = uniqueId('list');
    const isOpen = signal(false);
    const typed = signal(/** @type {string | null} */ (null));
    const at = signal(-1);
    const found = computed(() => matching(choices(), typed.value ?? ''));
    const shown = () => typed.value ?? choices().find((one) => one.value === bound.value)?.label ?? bound.value;

    const close = () => {
        isOpen.value = false;
        at.value = -1;
    };
    const choose = (/** @type {Choice | undefined} */ choice) => {
        if (choice && onchoose) onchoose(choice);
        else if (choice) bound.value = choice.value;
        typed.value = null;
        close();
    };
    const settle = () => {
        if (typed.peek() === '' && !onchoose) bound.value = '';
        else if (isFree && typed.peek()) choose({ value: typed.peek() ?? '', label: typed.peek() ?? '' });
        typed.value = null;
        close();
    };
    /** @type {Record<string, () => void>} */
    const keys = {
        ArrowDown: () => {
            isOpen.value = true;
            at.value = Math.min(at.peek() + 1, found.peek().length - 1);
        },
        ArrowUp: () => {
            at.value = Math.max(at.peek() - 1, 0);
        },
        Escape: () => {
            typed.value = null;
            close();
        },
    };
    const press = (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Enter' && isOpen.peek()) {
            event.preventDefault();
            const chosen = found.peek()[Math.max(at.peek(), 0)];
            if (chosen && (at.peek() >= 0 || !isFree)) choose(chosen);
            else settle();
        } else if (keys[event.key]) {
            if (event.key !== 'Escape' || isOpen.peek()) event.preventDefault();
            keys[event.key]?.();
        }
    };
    const option = (/** @type {Choice} */ one, /** @type {number} */ index) =>
        h(
            'li',
            {
                id: `${list}-${index}`,
                role: 'option',
                'aria-selected': String(index === at.value),
                onpointerdown: (/** @type {Event} */ event) => event.preventDefault(), // the field keeps its focus
                onclick: () => choose(one),
                ref: (/** @type {HTMLElement} */ element) => {
                    if (index === at.peek()) queueMicrotask(() => element.scrollIntoView({ block: 'nearest' }));
                },
            },
            h('span', null, one.label),
            one.detail ? h('span', { class: 'dim' }, one.detail) : null,
        );
    return field(
        label,
        (described) => {
            const root = h(
                'div',
                { class: 'combobox' },
                h('input', {
                    ...described,
                    type: 'text',
                    role: 'combobox',
                    class: 'input',
                    autocomplete: 'off',
                    spellcheck: 'false',
                    placeholder,
                    'aria-autocomplete': 'list',
                    'aria-controls': list,
                    'aria-expanded': () => String(isOpen.value),
                    'aria-activedescendant': () => (isOpen.value && at.value >= 0 ? `${list}-${at.value}` : null),
                    value: shown,
                    onfocus: (/** @type {any} */ event) => event.target.select(),
                    onclick: () => {
                        isOpen.value = true;
                    },
                    oninput: (/** @type {any} */ event) => {
                        typed.value = event.target.value;
                        at.value = -1;
                        isOpen.value = true;
                    },
                    onkeydown: press,
                    onblur: settle,
                }),
                h('ul', { id: list, role: 'listbox', 'aria-label': label, hidden: () => !isOpen.value }, () =>
                    isOpen.value
                        ? found.value.length
                            ? found.value.map(option)
                            : h(
                                  'li',
                                  { class: 'dim', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' },
                                  isFree ? 'Press Enter to take it as it is' : 'Nothing is called that',
                              )
                        : null,
                ),
            );
            listen(document, 'pointerdown', (event) => {
                if (!root.contains(event.target)) close();
            });
            return root;
        },
        rest,
    );
}
