/** Short messages at the edge of the page: what was done, or what went wrong. They are read aloud. */

import { isCalledOff, Problem } from '../core/api.js';
import { each, h } from '../core/dom.js';
import { signal } from '../core/signals.js';

/** @typedef {{ id: string, kind: 'info' | 'problem', text: string, hint: string, action: { label: string, do: () => void } | null }} Toast */

const SHOWN_FOR = 6_000;
const MOST = 4;
const shown = signal(/** @type {readonly Toast[]} */ ([]));
let last = 0;

/**
 * Say something.
 * @param {string} text
 * @param {{ kind?: Toast['kind'], hint?: string, action?: Toast['action'] }} [more] A problem stays until it is sent away.
 */
export function say(text, { kind = 'info', hint = '', action = null } = {}) {
    last += 1;
    const toast = { id: String(last), kind, text, hint, action };
    shown.value = [...shown.peek().filter((one) => one.text !== text), toast].slice(-MOST);
    if (kind === 'info') setTimeout(() => dismiss(toast), SHOWN_FOR);
}

/**
 * Say what went wrong; nothing where somebody called it off themselves.
 * @param {unknown} error
 */
export function report(error) {
    if (isCalledOff(error)) return;
    if (!(error instanceof Problem)) throw error; // a mistake of ours: it belongs on the console
    if (error.status === 401) return; // the page asks for a key
    say(error.sentences.join(' · '), { kind: 'problem', hint: error.hint });
}

/** The place where they are shown. */
export function toasts() {
    return h(
        'div',
        { class: 'toasts', role: 'log', 'aria-live': 'polite', 'aria-label': 'Messages' },
        each(
            () => shown.value,
            (toast) => toast.id,
            (toast) =>
                h(
                    'div',
                    { class: ['toast', toast.kind] },
                    h('div', null, h('p', null, toast.text), toast.hint ? h('p', { class: 'dim' }, toast.hint) : null),
                    toast.action
                        ? h(
                              'button',
                              { type: 'button', class: 'button quiet', onclick: () => act(toast) },
                              toast.action.label,
                          )
                        : null,
                    h(
                        'button',
                        {
                            type: 'button',
                            class: 'button quiet bare',
                            'aria-label': 'Dismiss',
                            onclick: () => dismiss(toast),
                        },
                        '×',
                    ),
                ),
        ),
    );
}

/** Have them where they can be seen and used: what is outside of a dialog cannot be, as long as it is open. */
export function carryToasts() {
    const place = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.body;
    const element = document.querySelector('.toasts');
    if (element && element.parentElement !== place) place.append(element);
}

/** @param {Toast} toast */
function dismiss(toast) {
    shown.value = shown.peek().filter((one) => one.id !== toast.id);
}

/** @param {Toast} toast */
function act(toast) {
    dismiss(toast);
    toast.action?.do();
}
