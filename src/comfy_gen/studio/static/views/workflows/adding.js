/** Adds a workflow: a file is chosen or a text pasted, what is in it is told, and it is saved under a name. */

import { Problem, put } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { go } from '../../core/router.js';
import { computed, effect, signal } from '../../core/signals.js';
import { amount } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { confirm, openDialog } from '../../parts/dialogs.js';
import { textArea, textField } from '../../parts/fields.js';
import { form } from '../../parts/forms.js';
import { say } from '../../parts/toasts.js';
import { foundIn, foundInFile, NothingFound, nameOf, sentenceOf, wrongName } from './found.js';

/** @typedef {import('./found.js').Found} Found */
/** @typedef {Wire<'WorkflowDetail'>} Detail */

/**
 * Ask for a workflow, or begin with what was handed over; then show it.
 * @param {import('./listing.js').All} all
 * @param {Blob | string | Found} [handed]
 */
export async function addWorkflow(all, handed) {
    const found = signal(/** @type {Found | null} */ (null));
    const wrong = signal('');
    const read = async (/** @type {Blob | string} */ one) => {
        try {
            found.value = typeof one === 'string' ? foundIn(one) : await foundInFile(one);
            wrong.value = '';
        } catch (error) {
            if (!(error instanceof NothingFound)) throw error;
            found.value = null;
            wrong.value = error.message;
        }
    };
    if (handed && typeof handed === 'object' && 'workflow' in handed) found.value = handed;
    else if (handed) await read(handed);
    const saved = await openDialog('Add a workflow', (/** @type {(saved?: Detail) => void} */ close) => [
        h('div', { role: 'status', class: 'workflows-told' }, () =>
            found.value ? h('p', null, sentenceOf(found.value)) : null,
        ),
        h('div', { role: 'alert', class: 'workflows-told' }, () =>
            wrong.value ? h('p', { class: 'bad' }, wrong.value) : null,
        ),
        () => (found.value ? naming(found.value, all, close) : sources(read)),
    ]);
    if (!saved) return;
    const names = Object.keys(saved.input_schema['properties'] ?? {});
    say(`${saved.title || saved.name} is saved`, {
        hint: names.length
            ? `${amount(names.length, 'input')} found: ${names.join(', ')}.`
            : 'No input was found in it: name some under Inputs.',
    });
    all.again();
    go('workflows', { name: saved.name });
}

/** @param {(one: Blob | string) => Promise<void>} read */
function sources(read) {
    const text = signal('');
    effect(() => {
        if (text.value.trim().startsWith('{') && isWhole(text.value)) void read(text.value);
    });
    const file = /** @type {HTMLInputElement} */ (
        h('input', {
            type: 'file',
            accept: '.json,.png,application/json,image/png',
            hidden: true,
            'aria-label': 'File of a workflow',
            onchange: (/** @type {any} */ event) => event.target.files[0] && read(event.target.files[0]),
        })
    );
    return h(
        'div',
        {
            class: 'stack workflows-sources',
            ondragover: (/** @type {DragEvent} */ event) => event.preventDefault(),
            ondrop: (/** @type {DragEvent} */ event) => {
                event.preventDefault();
                const [dropped] = event.dataTransfer?.files ?? [];
                if (dropped) void read(dropped);
            },
        },
        h(
            'p',
            { class: 'dim' },
            "JSON as ComfyUI's editor saves or exports it, or a PNG picture that ComfyUI or this studio made: the workflow is in it.",
        ),
        file,
        button({ label: 'Choose a file', icon: 'upload', kind: 'main', onclick: () => file.click() }),
        textArea('Or paste its JSON', text, {
            rows: 5,
            placeholder: '{"3": {"class_type": "KSampler", …',
            more: { spellcheck: 'false' },
        }),
        h(
            'footer',
            null,
            button({ label: 'Read it', disabled: () => !text.value.trim(), onclick: () => read(text.peek()) }),
        ),
    );
}

/** @param {string} text */
function isWhole(text) {
    try {
        return !!JSON.parse(text);
    } catch {
        return false; // somebody still types
    }
}

/**
 * @param {Found} found
 * @param {import('./listing.js').All} all
 * @param {(saved?: Detail) => void} close
 */
function naming(found, all, close) {
    const [title, summary] = [signal(found.title), signal('')];
    const given = signal(found.name);
    // Until somebody gives it one, it is called after its title.
    const name = {
        get value() {
            return given.value || (isGiven.value ? '' : nameOf(title.value));
        },
        set value(text) {
            isGiven.value = true;
            given.value = text;
        },
    };
    const isGiven = signal(false);
    const isSent = signal(false);
    const others = () => all.data.value ?? [];
    const wrong = computed(() => (name.value || isSent.value ? wrongName(name.value, others()) : ''));
    const before = computed(() => others().find((one) => one.name === name.value && one.is_changeable));
    const send = async () => {
        isSent.value = true;
        if (wrong.value) throw refusal(wrong.value);
        if (before.value && !(await mayReplace(name.value)))
            throw refusal('Nothing was saved.', 'Give it another name.');
        return put(`/workflows/${encodeURIComponent(name.value)}`, found.workflow, {
            query: { title: title.peek().trim(), summary: summary.peek().trim() },
        });
    };
    return form(
        [
            textField('Title', title, {
                placeholder: 'As people call it',
                more: { maxlength: 200, autocomplete: 'off' },
            }),
            textField('Name', name, {
                hint: 'How requests and addresses call it.',
                error: () => wrong.value,
                more: { maxlength: 63, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none' },
            }),
            textArea('Summary', summary, { rows: 2, placeholder: 'What it is good for', more: { maxlength: 2000 } }),
            () => (before.value ? h('p', { class: 'warn' }, 'You have one of that name: it will be replaced.') : null),
        ],
        { yes: 'Save', send, close },
    );
}

/**
 * @param {string} message
 * @param {string} [hint]
 */
const refusal = (message, hint = '') => new Problem({ code: 'not_sent', message, hint }, 0);

/** @param {string} name */
const mayReplace = (name) =>
    confirm(`Replace ${name}?`, {
        text: 'Its graph and the names of its inputs are lost; jobs that run it go on.',
        yes: 'Replace',
    });
