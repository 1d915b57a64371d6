/** What a workflow needs: its models and where they can be had, what engines lack of it, and what to do about that. */

import { h } from '../../core/dom.js';
import { engines } from '../../core/engines.js';
import { linkTo } from '../../core/router.js';
import { amount } from '../../core/words.js';
import { button, linkButton } from '../../parts/buttons.js';
import { icon } from '../../parts/icons.js';
import { empty, loading, problem } from '../../parts/states.js';
import { say } from '../../parts/toasts.js';
import { titles } from './words.js';

/** @typedef {Wire<'Validation'>} Validation */
/** @typedef {Wire<'WorkflowDetail'>} Detail */
/** @typedef {ReturnType<typeof import('../../parts/states.js').loaded<Validation | undefined>> & { isUp: { value: boolean | null } }} Check */

/**
 * @param {Check} check
 * @param {{ value: Wire<'WorkflowDetail'> }} detail
 * @param {import('./graph.js').Graph} graph
 */
export function lacks(check, detail, graph) {
    return h(
        'div',
        { class: 'stack' },
        () => answer(check, graph, detail.value.models),
        () => models(detail.value.models, check.data.value),
    );
}

/**
 * @param {Check} check
 * @param {import('./graph.js').Graph} graph
 * @param {Detail['models']} own
 */
function answer(check, graph, own) {
    if (check.isUp.value === false) return nobody();
    if (check.error.value) return problem(check.error.value, check.again);
    const found = check.data.value;
    if (!found) return loading('Asking the engines');
    const rest = found.errors.filter((one) => !isTold(one));
    return [
        verdict(found, check.again),
        missingNodes(found, graph),
        missingModels(found, graph, own),
        sentences('Also in the way', rest, 'bad'),
        sentences('Worth knowing', found.warnings, 'dim'),
    ];
}

/** Whether a sentence says of something missing what is shown below at length. @param {string} sentence */
const isTold = (sentence) => sentence.startsWith('the engine has no ');

function nobody() {
    return empty({
        icon: 'engine',
        title: 'No engine answers',
        text: 'Which nodes and models are missing, an engine has to say. Add one in Fleet, or start the one that is there.',
        actions: [linkButton({ label: 'Go to Fleet', icon: 'fleet', kind: 'main', href: linkTo('fleet') })],
    });
}

/**
 * @param {Validation} found
 * @param {() => void} again
 */
function verdict(found, again) {
    const engine = found.engine ? ` on ${found.engine}` : '';
    return h(
        'div',
        { class: 'row' },
        icon(found.is_valid ? 'check' : 'warning', found.is_valid ? 'good' : 'warn'),
        h(
            'p',
            { class: 'grow', role: 'status' },
            found.is_valid
                ? `It would run${engine}: nothing is missing.`
                : `It would not run${engine}${(engines.value?.length ?? 0) > 1 ? ', which lacks the least of it' : ''}.`,
        ),
        button({ label: 'Look again', icon: 'refresh', onclick: again }),
    );
}

/**
 * @param {Validation} found
 * @param {import('./graph.js').Graph} graph
 */
function missingNodes({ missing_nodes: missing }, graph) {
    if (!missing.length) return null;
    return part(
        `${amount(missing.length, 'node class', 'node classes')} missing`,
        'Install the pack that has them on the engine, by ComfyUI-Manager or into custom_nodes, and restart it; or use a node that it has.',
        missing.map((one) => [
            h('h3', null, one.class_type),
            usedBy(one.node_ids, graph),
            near('Called alike', one.nearest),
            had(one.source),
        ]),
    );
}

/**
 * @param {Validation} found
 * @param {import('./graph.js').Graph} graph
 * @param {Detail['models']} own
 */
function missingModels({ missing_models: missing }, graph, own) {
    if (!missing.length) return null;
    return part(
        `${amount(missing.length, 'model')} missing`,
        "Put the file into that folder of the engine's models; or choose one that it has, where the workflow has an input for it.",
        missing.map((one) => {
            const page = own.find(({ folder, file }) => folder === one.folder && file === one.file)?.page;
            return [
                h('h3', null, `${one.folder}/${one.file}`),
                usedBy(one.node_ids, graph),
                near('It has', one.nearest),
                had(page || one.source || one.page),
                one.name ? command(`comfygen models download ${one.name}`) : null,
            ];
        }),
    );
}

/**
 * @param {string} title
 * @param {string} advice
 * @param {import('../../core/dom.js').Child[][]} all
 */
function part(title, advice, all) {
    return h(
        'section',
        { class: 'stack', 'aria-label': title },
        h('h2', null, title),
        h('p', { class: 'dim' }, advice),
        h(
            'ul',
            { class: 'columns workflow-lacks' },
            all.map((one) => h('li', { class: 'card stack tight' }, one)),
        ),
    );
}

/**
 * @param {readonly string[]} ids
 * @param {import('./graph.js').Graph} graph
 */
function usedBy(ids, graph) {
    const called = titles(graph);
    return ids.length
        ? h(
              'p',
              { class: 'small' },
              h('span', { class: 'dim' }, 'Used by '),
              ids.map((id) => `${called.get(id) ?? '?'} (${id})`).join(', '),
          )
        : null;
}

/**
 * @param {string} label
 * @param {readonly string[]} names
 */
const near = (label, names) =>
    names.length ? h('p', { class: 'small' }, h('span', { class: 'dim' }, `${label}: `), names.join(', ')) : null;

/** @param {string} address */
function had(address) {
    if (!address) return h('p', { class: 'dim small' }, 'Nobody here knows where it can be had.');
    const isPage = /^https?:\/\//.test(address);
    return h(
        'div',
        { class: 'row tight small' },
        isPage
            ? h('a', { class: 'grow', href: address, target: '_blank', rel: 'noreferrer' }, address)
            : h('span', { class: 'grow' }, address),
        copier(address, 'Copy where it can be had'),
    );
}

/** @param {string} text */
const command = (text) =>
    h('div', { class: 'row tight small' }, h('code', { class: 'grow' }, text), copier(text, 'Copy the command'));

/**
 * @param {string} text
 * @param {string} label
 */
function copier(text, label) {
    const copy = async () => {
        try {
            await navigator.clipboard.writeText(text);
            say('Copied');
        } catch {
            say('The browser does not let pages copy here', { kind: 'problem', hint: text });
        }
    };
    return button({ label, icon: 'copy', kind: 'quiet', isBare: true, onclick: copy });
}

/**
 * @param {string} title
 * @param {readonly string[]} all
 * @param {string} kind
 */
function sentences(title, all, kind) {
    if (!all.length) return null;
    return h(
        'section',
        { class: 'stack tight', 'aria-label': title },
        h('h2', null, title),
        h(
            'ul',
            { class: 'workflow-sentences' },
            all.map((one) => h('li', { class: kind }, one)),
        ),
    );
}

/**
 * @param {Detail['models']} own
 * @param {Validation | undefined} found
 */
function models(own, found) {
    const missing = new Set(found?.missing_models.map(({ folder, file }) => `${folder}/${file}`));
    const there = own.filter(({ folder, file }) => !missing.has(`${folder}/${file}`));
    if (!there.length) return null;
    const title = found ? 'Models that are there' : 'Models that it loads';
    return h(
        'section',
        { class: 'stack tight', 'aria-label': title },
        h('h2', null, title),
        h(
            'ul',
            { class: 'columns workflow-lacks' },
            there.map(({ folder, file, page }) =>
                h('li', { class: 'card stack tight' }, h('h3', null, `${folder}/${file}`), page ? had(page) : null),
            ),
        ),
    );
}
