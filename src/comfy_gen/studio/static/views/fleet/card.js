/** One engine: how it is, what it has in memory, and what can be done with it. */

import { post, remove } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { askAgain, engines } from '../../core/engines.js';
import { isAdministrator } from '../../core/session.js';
import { computed } from '../../core/signals.js';
import { amount, size } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { confirm } from '../../parts/dialogs.js';
import { progress } from '../../parts/pictures.js';
import { say } from '../../parts/toasts.js';

/** @typedef {Wire<'Engine'>} Engine */

/** @type {Record<Engine['condition'], [kind: string, word: string]>} */
const CONDITIONS = {
    up: ['good', 'up'],
    down: ['bad', 'does not answer'],
    resting: ['warn', 'resting after failures'],
    trying: ['warn', 'tried with one job'],
    unknown: ['', 'not asked yet'],
};

/**
 * @param {string} name Of an engine that is there; what is shown follows how it is.
 */
export function engineCard(name) {
    const engine = computed(() => engines.value?.find((one) => one.name === name));
    return h('article', { class: 'card stack', 'aria-label': name }, () => (engine.value ? told(engine.value) : null));
}

/** @param {Engine} one */
function told(one) {
    const [kind, word] = CONDITIONS[one.condition];
    return [
        h(
            'div',
            { class: 'row' },
            h('h2', { class: 'grow' }, one.name),
            one.is_sandbox ? h('span', { class: 'pill' }, 'sandbox') : null,
            one.state === 'draining' ? h('span', { class: 'pill warn' }, 'draining') : null,
            h('span', { class: ['pill', kind] }, word),
        ),
        one.error ? h('p', { class: 'bad small' }, one.error) : null,
        load(one),
        memory(one),
        facts(one),
        isAdministrator.value ? actions(one) : null,
    ];
}

/** @param {Engine} one */
function load(one) {
    const busy = one.queue ?? 0;
    const said = one.queue === null ? 'not known' : `${amount(busy, 'prompt')}, ${one.running ?? 0} ours`;
    return meter('Load', said, Math.min(100, (busy / one.depth) * 100));
}

/** @param {Engine} one */
function memory({ memory: found }) {
    if (!found) return null;
    const used = (/** @type {number} */ total, /** @type {number} */ free) => `${size(total - free)} of ${size(total)}`;
    const share = (/** @type {number} */ total, /** @type {number} */ free) =>
        total ? ((total - free) / total) * 100 : 0;
    return [
        meter(found.device, used(found.vram_total, found.vram_free), share(found.vram_total, found.vram_free)),
        found.device === 'cpu'
            ? null
            : meter('Memory', used(found.ram_total, found.ram_free), share(found.ram_total, found.ram_free)),
    ];
}

/**
 * @param {string} label
 * @param {string} said
 * @param {number} percent
 */
function meter(label, said, percent) {
    return h(
        'div',
        { class: 'meter' },
        h('span', null, label),
        h('span', { class: 'dim number' }, said),
        progress(label, () => Math.round(percent)),
    );
}

/** @param {Engine} one */
function facts(one) {
    /** @type {Array<[string, string | null]>} */
    const all = [
        ['Address', one.address],
        ['ComfyUI', one.version],
        ['Answers in', one.latency_ms === null ? null : `${one.latency_ms} ms`],
        ['At a time', amount(one.depth, 'prompt')],
        ['Weight', one.weight === 1 ? null : String(one.weight)],
        ['Tags', one.tags.join(', ')],
        ['Loaded', one.loaded.join(', ')],
    ];
    return h(
        'dl',
        { class: 'facts small' },
        all.map(([name, value]) => (value ? [h('dt', null, name), h('dd', null, value)] : null)),
    );
}

/** @param {Engine} one */
function actions(one) {
    const path = `/engines/${encodeURIComponent(one.name)}`;
    const isDraining = one.state === 'draining';
    const turn = async () => {
        await post(`${path}/${isDraining ? 'resume' : 'drain'}`);
        say(isDraining ? `${one.name} works again` : `${one.name} finishes what it has, and gets nothing more`);
        await askAgain();
    };
    const strike = async () => {
        const text = 'Others take up what it had. The ComfyUI itself is left as it is.';
        if (
            !(await confirm(`Remove ${one.name}?`, {
                text: one.is_sandbox ? 'The sandbox stops.' : text,
                yes: 'Remove',
            }))
        )
            return;
        await remove(path);
        await askAgain();
    };
    return h(
        'div',
        { class: 'row' },
        button({
            label: isDraining ? 'Resume' : 'Drain',
            icon: isDraining ? 'play' : 'pause',
            onclick: turn,
            more: { 'aria-label': `${isDraining ? 'Resume' : 'Drain'} ${one.name}` },
        }),
        button({
            label: 'Remove',
            icon: 'trash',
            kind: 'quiet',
            onclick: strike,
            more: { 'aria-label': `Remove ${one.name}` },
        }),
    );
}
