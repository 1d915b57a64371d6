/** Names a workflow's inputs: every value of every node can be one, and what was found is named already. */

import { get, Problem, put } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { computed, signal } from '../../core/signals.js';
import { amount } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { textField } from '../../parts/fields.js';
import { empty, loaded } from '../../parts/states.js';
import { say } from '../../parts/toasts.js';
import { inputTable } from './input_table.js';
import { bodyOf, byNode, changesIn, nameOf, placed, rowsOf, wrongIn } from './names.js';
import { nodeSection } from './naming_rows.js';

/** @typedef {import('./names.js').Row} Row */
/** @typedef {import('./names.js').Edits} Edits */
/**
 * @typedef {object} Naming
 * @property {readonly Row[]} rows
 * @property {import('../../core/signals.js').Signal<Edits>} edits
 * @property {(key: string) => string} wrong What is wrong with a row, by what is seen here or by what the service said.
 */

/**
 * @param {string} path
 * @param {import('./one.js').DetailSignal} detail
 * @param {() => unknown} copy Saves a copy, of one that cannot be changed.
 */
export function naming(path, detail, copy) {
    const found = loaded(
        async (until) => /** @type {Wire<'WorkflowInputs'>} */ (await get(`${path}/inputs`, {}, until)).inputs,
    );
    const isOpen = detail.peek().is_changeable;
    return h(
        'div',
        { class: 'stack' },
        found.show((inputs) => {
            if (!inputs.length) return nothing();
            const rows = rowsOf(inputs);
            return isOpen ? editor(path, detail, rows, found.again) : shut(rows, copy);
        }, 'its inputs'),
    );
}

const nothing = () =>
    empty({
        icon: 'workflows',
        title: 'There is nothing to name',
        text: 'No node of it has a value of its own: all they take comes from other nodes.',
    });

/**
 * @param {readonly Row[]} rows
 * @param {() => unknown} copy
 */
function shut(rows, copy) {
    return [
        h(
            'div',
            { class: 'row' },
            h(
                'p',
                { class: 'dim grow' },
                'This one cannot be changed here. Save a copy of it to name its inputs otherwise.',
            ),
            button({ label: 'Save a copy', icon: 'copy', onclick: copy }),
        ),
        inputTable(rows),
    ];
}

/**
 * @param {string} path
 * @param {import('./one.js').DetailSignal} detail
 * @param {readonly Row[]} rows
 * @param {() => void} again
 */
function editor(path, detail, rows, again) {
    const edits = signal(/** @type {Edits} */ ({}));
    const refused = signal(
        /** @type {{ fields: Record<string, string>, others: string[] }} */ ({ fields: {}, others: [] }),
    );
    const wrong = computed(() => wrongIn(rows, edits.value));
    const changes = computed(() => changesIn(rows, edits.value));
    const save = async () => {
        if (Object.keys(wrong.value).length) return focusFirstWrong();
        const sent = rows.filter((row) => nameOf(row, edits.peek()));
        try {
            detail.value = await put(`${path}/inputs`, { inputs: bodyOf(rows, edits.peek()) });
        } catch (error) {
            if (!(error instanceof Problem)) throw error;
            refused.value = placed(error, sent);
            return undefined;
        }
        say('Its inputs are saved', { hint: `${amount(sent.length, 'input')}, by these names from now on.` });
        return again();
    };
    const wanted = signal('');
    const held = {
        rows,
        edits,
        wrong: (/** @type {string} */ key) => wrong.value[key] ?? refused.value.fields[key] ?? '',
    };
    return [
        h(
            'p',
            { class: 'dim' },
            'What has a name can be set by whoever runs this workflow. All else stays as the graph has it.',
        ),
        textField('Search inputs', wanted, { type: 'search', placeholder: 'Search inputs', isBare: true }),
        h(
            'div',
            { class: 'stack' },
            byNode(rows).map((node) => nodeSection(node, held, wanted)),
        ),
        h('div', { role: 'alert' }, () => refused.value.others.map((one) => h('p', { class: 'bad' }, one))),
        footer(changes, wrong, save, () => {
            edits.value = {};
            refused.value = { fields: {}, others: [] };
        }),
    ];
}

/**
 * @param {{ value: number }} changes
 * @param {{ value: Record<string, string> }} wrong
 * @param {() => Promise<unknown>} save
 * @param {() => void} undo
 */
function footer(changes, wrong, save, undo) {
    const said = () => {
        const bad = Object.keys(wrong.value).length;
        if (bad) return `${amount(bad, 'name')} cannot be as ${bad === 1 ? 'it is' : 'they are'}`;
        return changes.value ? `${amount(changes.value, 'change')}, not saved yet` : 'Nothing changed';
    };
    return h(
        'div',
        { class: 'workflow-save row' },
        h('p', { class: 'grow dim small', role: 'status' }, said),
        button({ label: 'Undo all', icon: 'undo', kind: 'quiet', disabled: () => !changes.value, onclick: undo }),
        button({ label: 'Save the names', icon: 'save', kind: 'main', disabled: () => !changes.value, onclick: save }),
    );
}

function focusFirstWrong() {
    const first = /** @type {HTMLElement | null} */ (document.querySelector('.workflow-naming [aria-invalid="true"]'));
    first?.focus();
    return undefined;
}
