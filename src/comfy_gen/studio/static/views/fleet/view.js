/** The fleet: the engines and how they are, and how much there is to do. */

import { each, h } from '../../core/dom.js';
import { engines, watchEngines } from '../../core/engines.js';
import { isAdministrator } from '../../core/session.js';
import { computed } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { head } from '../../parts/head.js';
import { empty, loading } from '../../parts/states.js';
import { addEngine, beginSandbox } from './adding.js';
import { engineCard } from './card.js';
import { charts } from './history.js';

export function view() {
    watchEngines();
    const names = computed(() => engines.value?.map((one) => one.name).join('\n'));
    return h(
        'div',
        { class: 'view' },
        head('Fleet', () => (isAdministrator.value ? adder() : null)),
        charts(),
        () => (names.value === undefined ? loading('the engines') : names.value ? null : nothing()),
        h(
            'ul',
            { class: 'fleet-engines', 'aria-label': 'Engines' },
            each(
                () => engines.value ?? [],
                (one) => one.name,
                (one) => h('li', null, engineCard(one.name)),
            ),
        ),
    );
}

function adder() {
    return button({ label: 'Add an engine', icon: 'add', onclick: addEngine });
}

function nothing() {
    return empty({
        icon: 'fleet',
        title: 'No engine yet',
        text: isAdministrator.value
            ? 'An engine is a ComfyUI that is reached by an address. Without one, the sandbox paints pictures that show how all of this works.'
            : 'Whoever runs this service can add one. What you ask for meanwhile waits for it.',
        actions: isAdministrator.value
            ? [adder(), button({ label: 'Try the sandbox', kind: 'main', icon: 'play', onclick: beginSandbox })]
            : [],
    });
}
