/** A form in a dialog: what is wrong with it is said in it, and nothing that was entered is lost. */

import { Problem } from '../core/api.js';
import { h } from '../core/dom.js';
import { signal } from '../core/signals.js';
import { button } from './buttons.js';

/**
 * @template T
 * @param {import('../core/dom.js').Child[]} fields
 * @param {{ yes: string, send: () => Promise<T>, close: (value?: T) => void }} how `send` does what the form is for; the dialog is closed with what it returns.
 */
export function form(fields, { yes, send, close }) {
    const problem = signal(/** @type {Problem | null} */ (null));
    const isBusy = signal(false);
    const submit = async (/** @type {Event} */ event) => {
        event.preventDefault();
        if (isBusy.peek()) return;
        isBusy.value = true;
        try {
            close(await send());
        } catch (error) {
            if (!(error instanceof Problem)) throw error;
            problem.value = error;
        } finally {
            isBusy.value = false;
        }
    };
    return h(
        'form',
        { class: 'stack', onsubmit: submit },
        fields,
        h('div', { role: 'alert', class: 'stack tight' }, () =>
            problem.value
                ? [
                      ...problem.value.sentences.map((one) => h('p', { class: 'bad' }, one)),
                      problem.value.hint ? h('p', { class: 'dim' }, problem.value.hint) : null,
                  ]
                : null,
        ),
        h(
            'footer',
            null,
            button({ label: 'Cancel', onclick: () => close() }),
            h('button', { type: 'submit', class: 'button main', 'aria-disabled': () => String(isBusy.value) }, yes),
        ),
    );
}
