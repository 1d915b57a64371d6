/** Asks for a new grid: what all of its pictures share, its axes, how many that are, and how long they will take. */

import { h } from '../../core/dom.js';
import { linkTo } from '../../core/router.js';
import { may } from '../../core/session.js';
import { amount } from '../../core/words.js';
import { button, linkButton } from '../../parts/buttons.js';
import { textField } from '../../parts/fields.js';
import { loading, problem } from '../../parts/states.js';
import { axis } from './axis.js';
import { AXES, MOST_CELLS, recipeText } from './plan.js';
import { planning } from './planning.js';
import { estimateText } from './standing.js';

/** @typedef {import('./planning.js').Planning} Planning */
/** @typedef {import('./base.js').Base} Base */

const TITLES = { x: 'Columns (X)', y: 'Rows (Y)', z: 'Sheets (Z)' };
const UNUSED = { x: 'Choose …', y: 'Nothing: a single row', z: 'Nothing: a single sheet' };

export function planner() {
    const plan = planning();
    const { asked, known } = plan;
    const base = () => asked.base.value;
    const root = h(
        'section',
        { class: 'stack grids-planner', 'aria-label': 'A new grid' },
        () => (asked.error.value ? problem(asked.error.value, asked.again) : base() ? null : loading('the picture')),
        () => (known.error.value ? problem(known.error.value) : null),
        h(
            'div',
            { class: 'stack', hidden: () => !base() },
            shared(base),
            h(
                'div',
                { class: 'grids-axes' },
                AXES.map((which) => axisOf(plan, which)),
            ),
            h(
                'div',
                { class: 'grids-foot' },
                said(plan),
                makeIt(plan, () => showWrong(root)),
            ),
        ),
    );
    return /** @type {HTMLElement} */ (root);
}

/**
 * @param {Planning} planning
 * @param {import('./plan.js').AxisName} which
 */
function axisOf({ plan, known, written, isAsked }, which) {
    const isTold = () => isAsked.value || isBegun(written[which].value);
    return axis({
        ...{ title: TITLES[which], nothing: UNUSED[which], written: written[which] },
        parameters: () => known.parameters.value,
        loras: () => known.options.value.loras,
        problems: () => (known.isReady.value && isTold() ? (plan.value?.wrong[which] ?? []) : []),
        values: () => plan.value?.read[which]?.values ?? [],
    });
}

/**
 * How many pictures that are, and what stands against it as a whole.
 * @param {Planning} planning
 */
function said({ plan, known, tempo, isAsked }) {
    const wrong = () => {
        const all = isAsked.value || (plan.value?.count ?? 0) > MOST_CELLS ? (plan.value?.wrong.all ?? []) : [];
        const missing = known.missing.value;
        return missing ? [`There is no workflow ${missing} any more: choose another in Create.`, ...all] : all;
    };
    const text = () => countText(plan.value, tempo.now.value);
    const idle = 'No engine answers now: the pictures will wait.';
    return h(
        'div',
        { class: 'stack tight' },
        h('p', { class: 'grids-count', role: 'status' }, text),
        () => (tempo.isIdle.value ? h('p', { class: 'warn small' }, idle) : null),
        h('div', { class: 'bad small', role: 'alert' }, () => wrong().map((one) => h('p', null, one))),
    );
}

/**
 * @param {Planning} planning
 * @param {() => void} showWrong
 */
function makeIt({ name, isReady, make }, showWrong) {
    return h(
        'div',
        { class: 'row grids-make' },
        textField('Name', name, {
            isBare: true,
            placeholder: 'Name it, if you like',
            more: { maxlength: 100, autocomplete: 'off' },
        }),
        button({
            ...{ label: 'Make the grid', icon: 'grids', kind: 'main' },
            disabled: () => !may('generate') || !isReady.value,
            onclick: async () => {
                if (!(await make())) showWrong();
            },
        }),
    );
}

/** @param {() => Base | null} base */
function shared(base) {
    return h(
        'section',
        { class: 'card grids-base', 'aria-labelledby': 'grids-base' },
        h('div', { class: 'row' }, h('h2', { id: 'grids-base', class: 'grow' }, 'What all pictures share'), () =>
            ways(base()),
        ),
        () => summary(base()),
    );
}

/** @param {Base | null} base */
function summary(base) {
    if (!base) return null;
    const { text, negative, seed } = base.draft;
    return [
        h('p', { class: ['grids-prompt', !text && 'dim'] }, text || 'No prompt yet: write one in Create.'),
        negative ? h('p', { class: 'grids-prompt dim small' }, `Not: ${negative}`) : null,
        h('p', { class: 'dim small' }, recipeText(base.draft) || 'All settings as the workflow has them.'),
        seed === null
            ? h('p', { class: 'dim small' }, 'One seed is drawn for all of them, unless an axis has seeds.')
            : null,
    ];
}

/** @param {Base | null} base */
function ways(base) {
    if (base?.kind === 'draft')
        return linkButton({ label: 'Change in Create', icon: 'create', href: linkTo('create') });
    return [
        base?.kind === 'generation'
            ? linkButton({ label: 'The picture', icon: 'image', href: linkTo('gallery', { open: base.id }) })
            : null,
        linkButton({ label: 'Use Create’s draft instead', icon: 'create', href: linkTo('grids') }),
    ];
}

/**
 * @param {ReturnType<typeof import('./plan.js').planned> | null} plan
 * @param {Parameters<typeof estimateText>[1]} tempo
 */
function countText(plan, tempo) {
    if (!plan?.count) return 'No pictures yet: choose what changes, and its values.';
    const sides = AXES.flatMap((which) => plan.read[which]?.values.length ?? []);
    const product = sides.length > 1 ? `${sides.join(' × ')} = ` : '';
    const time = estimateText(plan.count, tempo);
    return `${product}${amount(plan.count, 'picture')}${time ? `, ${time}` : ''}.`;
}

/** @param {import('./plan.js').WrittenAxis} axis */
const isBegun = ({ parameter, texts, chosen }) =>
    parameter !== '' && Boolean(texts[parameter]?.trim() || chosen[parameter]?.length);

/**
 * Go to the first field that something is wrong with.
 * @param {HTMLElement} root
 */
function showWrong(root) {
    queueMicrotask(() => {
        const wrong = root.querySelector('[aria-invalid="true"], fieldset:has([role="alert"]) select');
        if (wrong instanceof HTMLElement) wrong.focus();
    });
}
