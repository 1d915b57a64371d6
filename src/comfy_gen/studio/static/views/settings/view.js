/** What belongs to somebody: presets, keys, and how the studio looks to them. */

import { h } from '../../core/dom.js';
import { go, place } from '../../core/router.js';
import { isAdministrator } from '../../core/session.js';
import { computed } from '../../core/signals.js';
import { head } from '../../parts/head.js';
import { tabs } from '../../parts/tabs.js';
import { appearance } from './appearance.js';
import { keys } from './keys.js';
import { presets } from './presets.js';

/** @type {Array<{ id: string, title: string, show: () => Node }>} */
const EVERYBODYS = [
    { id: 'presets', title: 'Presets', show: presets },
    { id: 'appearance', title: 'You and the studio', show: appearance },
];
const KEYS = { id: 'keys', title: 'Keys', show: keys };

export function view() {
    const shown = computed(() => (isAdministrator.value ? [...EVERYBODYS, KEYS] : EVERYBODYS));
    const current = {
        get value() {
            const wanted = place.value.query.get('part') ?? '';
            return shown.value.some((one) => one.id === wanted) ? wanted : 'presets';
        },
        set value(part) {
            go('settings', { part }, { replace: true });
        },
    };
    return h('div', { class: 'view' }, head('Settings'), () => tabs('Settings', shown.value, current));
}
