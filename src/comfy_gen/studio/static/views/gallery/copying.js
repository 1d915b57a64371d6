/** Copies a text, and says so. */

import { h } from '../../core/dom.js';
import { say } from '../../parts/toasts.js';

/**
 * @param {string} text
 * @param {string} what Such as "The prompt".
 */
export async function copy(text, what) {
    const isCopied = (await copyDirectly(text)) || copyByHand(text);
    if (isCopied) say(`${what} is copied.`);
    else say(`${what} could not be copied: the browser does not allow it.`, { kind: 'problem' });
}

/** @param {string} text */
async function copyDirectly(text) {
    if (!navigator.clipboard) return false; // pages that came by plain http have none
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return false; // forbidden
    }
}

/** @param {string} text */
function copyByHand(text) {
    const focused = document.activeElement;
    const area = h('textarea', { class: 'unseen', 'aria-hidden': 'true', value: text });
    (focused?.closest('dialog') ?? document.body).append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return isCopied;
}
