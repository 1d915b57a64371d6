/** Chooses a size by its proportions. */

import { h, uniqueId } from '../../core/dom.js';
import { numberField } from '../../parts/fields.js';
import { boundsFor } from './checks.js';
import { change } from './draft.js';
import { ASPECTS, boundsOf, sizeOf } from './size.js';

/** @typedef {import('./kit.js').Kit} Kit */

/** @param {Kit} kit */
export function sizes(kit) {
    const { draft, choices } = kit;
    const name = uniqueId('aspect');
    const bounds = () => boundsOf(choices.schema.value, choices.candidates());
    const choose = (/** @type {string} */ aspect) => {
        if (aspect === '') change({ aspect, width: null, height: null });
        else if (aspect === 'custom') change({ aspect, ...(draft.width.peek() ? {} : sizeOf('1:1', bounds())) });
        else change({ aspect, ...sizeOf(aspect, bounds()) });
    };
    const one = (/** @type {string} */ aspect, /** @type {string} */ shown) =>
        h(
            'label',
            { class: 'create-aspect' },
            h('input', {
                ...{ type: 'radio', name, value: aspect, class: 'unseen' },
                checked: () => draft.aspect.value === aspect,
                onchange: () => choose(aspect),
            }),
            h('span', { class: 'create-shape', 'aria-hidden': 'true', style: { '--shape': shapeOf(aspect) } }),
            h('span', null, shown),
        );
    return h(
        'fieldset',
        { class: 'create-sizes' },
        h('legend', null, 'Size', () => h('span', { class: 'dim number' }, pixels(kit))),
        h(
            'div',
            { class: 'create-aspects' },
            one('', 'Usual'),
            ...ASPECTS.map((aspect) => one(aspect, aspect)),
            one('custom', 'Custom'),
        ),
        h(
            'div',
            { class: 'create-pair', hidden: () => draft.aspect.value !== 'custom' },
            side(kit, 'width', 'Width'),
            side(kit, 'height', 'Height'),
        ),
    );
}

/** @param {string} aspect */
function shapeOf(aspect) {
    const [across = 1, down = 1] = aspect.includes(':') ? aspect.split(':').map(Number) : [];
    return `${across} / ${down}`;
}

/** @param {Kit} kit */
function pixels({ draft, choices }) {
    const properties = choices.schema.value?.properties ?? {};
    const [width, height] = [
        draft.width.value ?? properties.width?.default,
        draft.height.value ?? properties.height?.default,
    ];
    return width && height ? ` ${width} × ${height}` : '';
}

/**
 * @param {Kit} kit
 * @param {'width' | 'height'} name
 * @param {string} title
 */
function side(kit, name, title) {
    const bounds = () => boundsFor(name, kit.choices.schema.value);
    return numberField(title, kit.draft[name], {
        ...{ min: () => bounds().minimum, max: () => bounds().maximum, step: () => bounds().multipleOf ?? 8 },
        error: () => kit.errorOf(name),
    });
}
