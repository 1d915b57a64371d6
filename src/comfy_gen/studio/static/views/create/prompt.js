/** The box that a prompt is written in, and what puts words into it. */

import { h } from '../../core/dom.js';
import { effect } from '../../core/signals.js';
import { textArea } from '../../parts/fields.js';
import { inserted } from './reading.js';
import { wildcardMenu } from './wildcards.js';

/** @typedef {import('./kit.js').Kit} Kit */

/**
 * @param {Kit} kit
 * @returns {{ node: Node, insert: (text: string) => void, focus: () => void }}
 */
export function prompt(kit) {
    const { draft, understanding, errorOf } = kit;
    const heard = (/** @type {InputEvent} */ event) => understanding.typed(event.timeStamp);
    const node = textArea('Prompt', draft.text, {
        rows: 4,
        placeholder: 'What the picture shows: a lighthouse at dusk, watercolour',
        error: () => errorOf('text'),
        beside: wildcardMenu((text) => insert(text)),
        more: { class: 'input create-text', maxlength: '100000' },
    });
    const box = /** @type {HTMLTextAreaElement} */ (node.querySelector('textarea'));
    box.addEventListener('input', (event) => heard(/** @type {InputEvent} */ (event)), { capture: true });
    effect(() => grow(box, draft.text.value));

    const insert = (/** @type {string} */ what) => {
        const { text, at } = inserted(draft.text.peek(), what, box.selectionStart, box.selectionEnd);
        understanding.typed(performance.now());
        draft.text.value = text;
        box.focus();
        box.setSelectionRange(at, at);
    };
    return { node: h('div', { class: 'create-prompt' }, node), insert, focus: () => box.focus() };
}

/**
 * Make a box as tall as its text, within bounds, where the browser does not by itself.
 * @param {HTMLTextAreaElement} box
 * @param {string} text
 */
function grow(box, text) {
    if (CSS.supports('field-sizing', 'content')) return;
    const lines = text.split('\n').reduce((sum, line) => sum + 1 + Math.floor(line.length / 60), 0);
    box.rows = Math.min(Math.max(lines, 4), 14);
}
