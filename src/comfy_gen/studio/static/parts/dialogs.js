/** Dialogs: the browser's own, so that focus and Escape are as everywhere. */

import { h, uniqueId } from '../core/dom.js';
import { owning, untracked } from '../core/signals.js';
import { button } from './buttons.js';
import { carryToasts } from './toasts.js';

/**
 * Show a dialog, and return what it was closed with; undefined where it was only closed.
 * @template T
 * @param {string} title
 * @param {(close: (value?: T) => void) => import('../core/dom.js').Child} content Called once; what it begins ends with the dialog.
 * @param {{ kind?: '' | 'wide' | 'whole' }} [how]
 * @returns {Promise<T | undefined>}
 */
export function openDialog(title, content, { kind = '' } = {}) {
    const id = uniqueId('dialog');
    /** @type {T | undefined} */
    let answer;
    const dialog = h('dialog', { class: ['dialog', kind], 'aria-labelledby': id });
    /** @type {(value?: T) => void} */
    const close = (value) => {
        answer = value;
        dialog.close();
    };
    const { result, end } = owning(() =>
        untracked(() =>
            h(
                'div',
                { class: 'dialog-box' },
                h(
                    'header',
                    null,
                    h('h2', { id }, title),
                    button({ label: 'Close', icon: 'cancel', kind: 'quiet', isBare: true, onclick: () => close() }),
                ),
                content(close),
            ),
        ),
    );
    dialog.append(result);
    dialog.addEventListener('click', (event) => {
        if (event.target === dialog) close();
    });
    document.body.append(dialog);
    dialog.showModal();
    carryToasts();
    return new Promise((settle) => {
        dialog.addEventListener('close', () => {
            end();
            carryToasts();
            dialog.remove();
            settle(answer);
        });
    });
}

/**
 * Ask whether something is to be done that cannot be undone.
 * @param {string} title As a question.
 * @param {{ text?: string, yes: string, kind?: 'main' | 'danger' }} how
 * @returns {Promise<boolean>}
 */
export async function confirm(title, { text = '', yes, kind = 'danger' }) {
    const answer = await openDialog(title, (/** @type {(value?: boolean) => void} */ close) => [
        text ? h('p', null, text) : null,
        h(
            'footer',
            null,
            button({ label: 'Cancel', onclick: () => close() }),
            button({ label: yes, kind, onclick: () => close(true), more: { autofocus: true } }),
        ),
    ]);
    return answer === true;
}
