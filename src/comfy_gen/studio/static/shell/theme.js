/** Light, dark, or as the system is. */

import { keptSignal } from '../core/kept.js';
import { effect } from '../core/signals.js';

export const theme = keptSignal('theme', /** @type {'system' | 'light' | 'dark'} */ ('system'));

/** Have the page follow. Called once. */
export function applyTheme() {
    effect(() => {
        document.documentElement.dataset.theme = theme.value;
    });
}
