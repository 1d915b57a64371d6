/** The inputs of one node, each with its name, title and description; or with none. */

import { h } from '../../core/dom.js';
import { computed, effect, signal } from '../../core/signals.js';
import { amount } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { section, textField } from '../../parts/fields.js';
import { shortened, valueText } from './graph.js';
import { nameOf, suggested } from './names.js';

/** @typedef {import('./names.js').Row} Row */
/** @typedef {import('./names.js').Edit} Edit */
/** @typedef {import('./naming.js').Naming} Naming */

const SHOWN = 60;
/** Of no more inputs than these all are shown at once. */
const FEW = 30;

/**
 * Show a node's inputs; their fields are only made when it is open, for there may be a thousand.
 * @param {{ id: string, rows: readonly Row[] }} node
 * @param {Naming} naming
 * @param {{ value: string }} wanted What is searched.
 */
export function nodeSection({ id, rows }, naming, wanted) {
    const [first] = rows;
    const isOpen = signal(naming.rows.length <= FEW || rows.some((row) => row.name));
    const found = computed(() => rows.filter((row) => isWanted(row, wanted.value, naming)));
    const named = () => rows.filter((row) => nameOf(row, naming.edits.value)).length;
    effect(() => {
        if (wanted.value.trim() && found.value.length) isOpen.value = true;
    });
    const made = section(
        first?.of.node_title ?? id,
        () =>
            isOpen.value
                ? h('ul', { class: 'stack' }, () =>
                      found.value.map((row) => h('li', { class: 'workflow-naming' }, line(row, naming))),
                  )
                : null,
        {
            isOpen,
            beside: h(
                'span',
                { class: 'dim small' },
                () =>
                    `${first?.of.class_type} · ${named() ? amount(named(), 'input') : `none of ${rows.length} named`}`,
            ),
        },
    );
    effect(() => {
        made.hidden = !found.value.length;
    });
    return made;
}

/**
 * @param {Row} row
 * @param {string} text
 * @param {Naming} naming
 */
function isWanted(row, text, naming) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return true;
    const { node_title: title, class_type: kind, input, value } = row.of;
    const said = `${title} ${kind} ${input} ${value} ${nameOf(row, naming.edits.peek())}`.toLowerCase();
    return words.every((word) => said.includes(word));
}

/**
 * @param {Row} row
 * @param {Naming} naming
 */
function line(row, naming) {
    const isNamed = computed(
        () => (naming.edits.value[row.key]?.name ?? row.name) !== '' || !!naming.edits.value[row.key]?.isBeingNamed,
    );
    const label = `${row.of.input} of ${row.of.node_title}`;
    const set = (/** @type {Edit} */ edit) => {
        naming.edits.value = { ...naming.edits.peek(), [row.key]: { ...naming.edits.peek()[row.key], ...edit } };
    };
    const root = h(
        'div',
        { class: 'stack tight', role: 'group', 'aria-label': label },
        h(
            'div',
            { class: 'row' },
            h('strong', { class: 'workflow-input' }, row.of.input),
            h('span', { class: 'dim small grow' }, shortened(valueText(row.of.value), SHOWN) || 'empty'),
            () =>
                isNamed.value
                    ? unnamer(label, set, () => focus(root, '[data-namer]'))
                    : namer(row, naming, label, set, () => focus(root, 'input')),
        ),
        () => (row.along && !isNamed.value ? h('p', { class: 'dim small' }, `Set along with ${row.along}.`) : null),
        () => (isNamed.value ? fields(row, naming, set) : null),
    );
    return root;
}

/**
 * @param {HTMLElement} root
 * @param {string} what
 */
const focus = (root, what) => /** @type {HTMLElement | null} */ (root.querySelector(what))?.focus();

/**
 * @param {Row} row
 * @param {Naming} naming
 * @param {string} label
 * @param {(edit: Edit) => void} set
 * @param {() => void} after
 */
function namer(row, naming, label, set, after) {
    return button({
        label: 'Name it',
        icon: 'add',
        kind: 'quiet',
        onclick: () => {
            set({ name: row.name || suggested(row, naming.rows, naming.edits.peek()), isBeingNamed: true });
            after();
        },
        more: { 'aria-label': `Name ${label}`, 'data-namer': true },
    });
}

/**
 * @param {string} label
 * @param {(edit: Edit) => void} set
 * @param {() => void} after
 */
function unnamer(label, set, after) {
    return button({
        label: `Take the name away from ${label}`,
        icon: 'trash',
        kind: 'quiet',
        isBare: true,
        onclick: () => {
            set({ name: '', isBeingNamed: false });
            after();
        },
    });
}

/**
 * @param {Row} row
 * @param {Naming} naming
 * @param {(edit: Edit) => void} set
 */
function fields(row, naming, set) {
    const bound = (/** @type {'name' | 'title' | 'description'} */ part, /** @type {string} */ otherwise) => ({
        get value() {
            return naming.edits.value[row.key]?.[part] ?? otherwise;
        },
        set value(text) {
            set(part === 'name' ? { name: text, isBeingNamed: true } : { [part]: text });
        },
    });
    const more = { autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none' };
    return h(
        'div',
        { class: 'workflow-fields' },
        textField('Name', bound('name', row.name), {
            error: () => naming.wrong(row.key),
            more: { ...more, maxlength: 63 },
        }),
        textField('Title', bound('title', row.name ? row.of.title : ''), {
            placeholder: 'After its name',
            more: { maxlength: 200 },
        }),
        textField('Description', bound('description', row.name ? row.of.description : ''), {
            more: { maxlength: 2000 },
        }),
    );
}
