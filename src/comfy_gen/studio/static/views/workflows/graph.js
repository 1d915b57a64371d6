/** Reads a graph in API format: its nodes, what they are connected to, and in which order they work. Pure. */

/**
 * @typedef {object} GraphNode
 * @property {string} id
 * @property {string} title What it is called in the editor; its class where nobody called it anything.
 * @property {string} classType
 * @property {ReadonlyArray<readonly [name: string, value: unknown]>} values Its inputs that have a value of their own.
 * @property {readonly Link[]} takes
 * @property {readonly Link[]} gives
 * @property {ReadonlyArray<{ slot: number, kind: string }>} outputs Those that anything takes.
 *
 * @typedef {object} Link
 * @property {string} from
 * @property {number} slot
 * @property {string} to
 * @property {string} input
 * @property {string} kind What goes through it: one of `KINDS`, or `other`.
 *
 * @typedef {{ nodes: readonly GraphNode[], links: readonly Link[], broken: readonly Link[] }} Graph Nodes are in the order in which they work; `broken` links come from nodes that are not there.
 */

/** What inputs of these names take, in nearly all nodes that there are. */
const TAKEN = new Map(
    Object.entries({
        model: 'model clip_model unet diffusion_model model1 model2 model_high model_low guider',
        clip: 'clip clip1 clip2 text_encoder',
        vae: 'vae',
        conditioning:
            'positive negative conditioning conditioning_to conditioning_from conditioning_1 conditioning_2 cond',
        latent: 'samples latent_image latent samples1 samples2 samples_to samples_from latents',
        image: 'image images pixels start_image end_image image1 image2 image3 control_image reference_image source_image',
        mask: 'mask masks',
        control: 'control_net controlnet style_model clip_vision clip_vision_output upscale_model lora_model',
        sampling: 'sampler sigmas noise',
        media: 'audio video',
    }).flatMap(([kind, names]) => names.split(' ').map((name) => /** @type {[string, string]} */ ([name, kind]))),
);

/** @type {Readonly<Record<string, string>>} Each kind of link, and what it is called. */
export const KINDS = {
    model: 'model',
    clip: 'text encoder',
    vae: 'VAE',
    conditioning: 'conditioning',
    latent: 'latent',
    image: 'picture',
    mask: 'mask',
    control: 'control',
    sampling: 'sampling',
    media: 'sound or video',
    other: 'other',
};

/**
 * @param {Record<string, any>} api By node id.
 * @returns {Graph}
 */
export function readGraph(api) {
    const nodes = Object.entries(api ?? {}).filter(([, node]) => typeof node?.class_type === 'string');
    const there = new Set(nodes.map(([id]) => id));
    const found = nodes.flatMap(([id, node]) => linksTo(id, node));
    const links = withKinds(found.filter(({ from }) => there.has(from)));
    const made = nodes.map(([id, node]) => nodeOf(id, node, links));
    return { nodes: inOrder(made, links), links, broken: found.filter(({ from }) => !there.has(from)) };
}

/** Tell whether an input's value is the output of a node. @param {unknown} value */
export const isLink = (value) =>
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Number.isInteger(value[1]);

/**
 * Write a value in one line.
 * @param {unknown} value
 */
export const valueText = (value) =>
    (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).replace(/\s+/g, ' ').trim();

/**
 * Shorten a text to so many characters; those of East Asia are as wide as two.
 * @param {string} text
 * @param {number} most
 */
export function shortened(text, most) {
    let width = 0;
    let kept = '';
    for (const letter of text) {
        width +=
            /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u.test(
                letter,
            )
                ? 2
                : 1;
        if (width > most) return `${kept.trimEnd()}…`;
        kept += letter;
    }
    return kept;
}

/**
 * @param {string} id
 * @param {any} node
 * @returns {Link[]}
 */
function linksTo(id, node) {
    return Object.entries(node.inputs ?? {})
        .filter(([, value]) => isLink(value))
        .map(([input, value]) => {
            const [from, slot] = /** @type {[string, number]} */ (value);
            return { from, slot, to: id, input, kind: kindOf(input) };
        });
}

/** @param {string} input */
const kindOf = (input) => TAKEN.get(input) ?? TAKEN.get(input.replace(/_?\d+$/, '')) ?? 'other';

/**
 * Have all links of one output be of one kind: some node that takes it tells by its input's name what it is.
 * @param {readonly Link[]} links
 */
function withKinds(links) {
    const known = new Map();
    for (const link of links) if (link.kind !== 'other') known.set(outputOf(link), link.kind);
    return links.map((link) => ({ ...link, kind: known.get(outputOf(link)) ?? 'other' }));
}

/** @param {{ from: string, slot: number }} link */
const outputOf = ({ from, slot }) => `${from}:${slot}`;

/**
 * @param {string} id
 * @param {any} node
 * @param {readonly Link[]} links
 * @returns {GraphNode}
 */
function nodeOf(id, node, links) {
    const said = node._meta?.title;
    const gives = links.filter((link) => link.from === id);
    const slots = [...new Map(gives.map(({ slot, kind }) => [slot, kind]))].sort(([a], [b]) => a - b);
    return {
        id,
        title: typeof said === 'string' && said ? said : node.class_type,
        classType: node.class_type,
        values: Object.entries(node.inputs ?? {}).filter(([, value]) => !isLink(value)),
        takes: links.filter((link) => link.to === id),
        gives,
        outputs: slots.map(([slot, kind]) => ({ slot, kind })),
    };
}

/**
 * Sort nodes such that each comes after those that it takes from. In a graph with circles, which cannot run, the nodes
 * of a circle come as they stood.
 * @param {readonly GraphNode[]} nodes
 * @param {readonly Link[]} links
 */
function inOrder(nodes, links) {
    const waits = new Map(nodes.map(({ id }) => [id, 0]));
    for (const { to } of links) waits.set(to, (waits.get(to) ?? 0) + 1);
    const left = new Set(nodes);
    /** @type {GraphNode[]} */
    const sorted = [];
    while (left.size) {
        const ready = [...left].filter(({ id }) => !waits.get(id));
        const [first] = left;
        for (const node of ready.length || !first ? ready : [first]) {
            left.delete(node);
            sorted.push(node);
            for (const { to } of node.gives) waits.set(to, (waits.get(to) ?? 1) - 1);
        }
    }
    return sorted;
}
