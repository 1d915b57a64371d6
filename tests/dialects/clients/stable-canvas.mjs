/** Drives `@stable-canvas/comfyui-client`: node stable-canvas.mjs URL [begin | resume ID | keyed KEY]. */

import {
    BasePipe,
    Client,
    EfficientPipe,
    outToB64Urls,
    Plugin,
    plugins,
    Workflow,
} from '@stable-canvas/comfyui-client';
import WebSocket from 'ws';
import { endless, fresh, impossible, PNG, picture, sampled } from './graphs.mjs';
import { sumOf, tell, tried, triedTogether, until } from './told.mjs';

const [address, mode, word] = process.argv.slice(2);
const { host } = new URL(address);
const CHECKPOINT = 'tiny_sd15.ckpt';
const EVENTS = ['execution_start', 'execution_cached', 'executing', 'progress', 'executed', 'execution_success'];

const clientOf = (rest = {}) => new Client({ api_host: host, WebSocket, ...rest });
const client = clientOf();
const sampler = { sampler_name: 'euler', scheduler: 'normal' };

const fetched = async (image) => sumOf(image.type === 'url' ? await content(image.data) : image.data);
const content = async (url) => (await fetch(url)).arrayBuffer();
const imagesOf = async ({ images }) => ({
    urls: await Promise.all(images.filter(({ type }) => type === 'url').map(fetched)),
    previews: images.filter(({ type }) => type === 'buff').length,
});
const isRunning = async (id) => (await client.getPromptStatus(id)).running;
const isDone = async (id) => (await client.getPromptStatus(id)).done;

/** A workflow as this client builds them. */
function built(steps = 4) {
    const workflow = new Workflow();
    const made = workflow.classes;
    const [model, clip, vae] = made.CheckpointLoaderSimple({ ckpt_name: CHECKPOINT });
    const [samples] = made.KSampler({
        ...{ seed: fresh(), steps, cfg: 7, denoise: 1, ...sampler, model },
        positive: made.CLIPTextEncode({ text: 'a cat', clip })[0],
        negative: made.CLIPTextEncode({ text: 'bad', clip })[0],
        latent_image: made.EmptyLatentImage({ width: 64, height: 64, batch_size: 1 })[0],
    });
    workflow.node('SaveImage', { filename_prefix: 'built', images: made.VAEDecode({ samples, vae })[0] });
    return workflow;
}

const pipe = () =>
    new BasePipe().with(client).model(CHECKPOINT).prompt('a cat').negative('bad').size(64, 64).steps(4).cfg(7).seed();

async function asking() {
    await triedTogether({
        getExtensions: [() => client.getExtensions(), Array.isArray],
        getEmbeddings: () => client.getEmbeddings(),
        getNodeDefs: [() => client.getNodeDefs(), (all) => 'KSampler' in all],
        getSystemStats: [() => client.getSystemStats(), ({ system, devices }) => ({ ...system, devices })],
        getSamplers: [() => client.getSamplers(), (all) => all.includes('euler')],
        getSchedulers: [() => client.getSchedulers(), (all) => all.includes('normal')],
        getSDModels: [() => client.getSDModels(), (all) => all.includes(CHECKPOINT)],
        getCNetModels: [() => client.getCNetModels(), Array.isArray],
        getUpscaleModels: [() => client.getUpscaleModels(), Array.isArray],
        getHyperNetworks: [() => client.getHyperNetworks(), Array.isArray],
        getLoRAs: [() => client.getLoRAs(), (all) => all.length > 0],
        getVAEs: [() => client.getVAEs(), Array.isArray],
        getModelFolders: [() => client.getModelFolders(), (all) => all.some(({ name }) => name === 'checkpoints')],
        getModels: [() => client.getModels('checkpoints'), (all) => all.some(({ name }) => name === CHECKPOINT)],
        'getModels of no folder': () => client.getModels('nowhere'),
        viewMetadata: () => client.viewMetadata('checkpoints', 'nowhere.safetensors'),
        getLogs: () => client.getLogs(),
        getRawLogs: () => client.getRawLogs(),
        free: () => client.free({ unload_models: true, free_memory: true }),
    });
}

async function keeping() {
    await tried('getUserConfig', () => client.getUserConfig());
    await tried('createUser', () => client.createUser('somebody'));
    await tried(
        'storeSettings',
        () => client.storeSettings({ 'Dialects.One': 1 }),
        ({ status }) => status,
    );
    await tried(
        'storeSetting',
        () => client.storeSetting('Dialects.Two', { b: 2 }),
        ({ status }) => status,
    );
    await tried('getSetting', () => client.getSetting('Dialects.Two'));
    await tried(
        'getSettings',
        () => client.getSettings(),
        (all) => [all['Dialects.One'], all['Dialects.Two']],
    );
    await tried('storeUserData', () => client.storeUserData('dialects/one.json', { a: 1 }, { stringify: true }));
    await tried(
        'getUserData',
        () => client.getUserData('dialects/one.json'),
        (answer) => answer.json(),
    );
    await tried('getUserData of no file', () => client.getUserData('dialects/two.json'));
}

/** What is told of one prompt, in its order: each kind of event once, where it first comes and as often as it does. */
async function listening() {
    const told = [];
    const previews = [];
    const offs = EVENTS.map((type) => client.on(type, (data) => told.push([type, data])));
    offs.push(client.on('b_preview', (blob) => previews.push(blob)));
    const { prompt_id } = await tried('queuePrompt', () => client.queuePrompt(0, { prompt: sampled(), workflow: {} }));
    await until(() => told.some(([type, data]) => type === 'executing' && data.node === null));
    for (const off of offs) off();
    tell('events', true, { result: told.map(([type, data]) => [type, data.node ?? data.value ?? null]) });
    tell('events of one prompt', true, { result: told.every(([, data]) => data.prompt_id === prompt_id) });
    tell('b_preview', true, { result: previews.map(({ type, size }) => [type, size > 0]) });
    await tried('getPromptStatus', () => client.getPromptStatus(prompt_id));
    await tried('getPromptOutputs', () => client.getPromptOutputs(prompt_id));
    await tried('getPromptResult', () => client.getPromptResult(prompt_id), imagesOf);
}

async function running() {
    const steps = [];
    const progress = ({ value, max }) => steps.push([value, max]);
    await triedTogether({
        enqueue: [() => client.enqueue(sampled(), { progress }), imagesOf],
        enqueue_polling: [() => client.enqueue_polling(picture(), { polling_ms: 50 }), imagesOf],
        runPrompt: [() => client.runPrompt(picture(), { polling_ms: 50 }), imagesOf],
        'Workflow.invoke': [() => built().invoke(client), imagesOf],
        'Workflow.invoke_polling': [() => built().invoke_polling(client, { polling_ms: 50 }), imagesOf],
        'InvokedWorkflow.wait_polling': [waitedFor, imagesOf],
        'BasePipe.wait': [
            () => pipe().sampler('euler').scheduler('normal').denoise(1).batch_size(1).save('pipe').wait(),
            piped,
        ],
        outToB64Urls: [
            async () => outToB64Urls(await client.runPrompt(picture(), { polling_ms: 50 })),
            ([url]) => url.slice(0, 22),
        ],
    });
    tell('progress', true, { result: steps });
}

const piped = ({ images }) => images.map(({ data, mime }) => ({ mime, ...sumOf(data) }));

async function waitedFor() {
    const invoked = built().instance(client);
    await invoked.enqueue();
    return invoked.wait_polling({ polling_ms: 50 });
}

async function refusals() {
    const workflow = new Workflow();
    workflow.node('NoSuchNode', {});
    await triedTogether({
        'enqueue of what cannot be': () => client.enqueue(impossible()),
        'Workflow.invoke of an unknown node': () => workflow.invoke(client),
        'getPromptResult of nobody': () => client.getPromptResult('00000000-0000-4000-8000-000000000000'),
        EfficientPipe: () => new EfficientPipe().with(client).model(CHECKPOINT).size(64, 64).save('e').wait(),
        'BasePipe with a picture': () => pipe().image(PNG).save('i').wait(),
    });
}

async function stopping() {
    const first = built(10_000).instance(client);
    const second = built(10_000).instance(client);
    await first.enqueue();
    await until(() => isRunning(first.task_id));
    const waiting = tried('InvokedWorkflow.wait of the interrupted', () => first.wait());
    const filling = await Promise.all([1, 2, 3].map(() => client.queuePrompt(0, { prompt: endless(), workflow: {} })));
    await second.enqueue();
    await tried('InvokedWorkflow.query', () => second.query());
    await tried(
        'getQueue',
        () => client.getQueue(),
        ({ Running, Pending }) => [Running, Pending].map((all) => all.every((item) => item.length === 5)),
    );
    await tried('InvokedWorkflow.interrupt of the pending', () => second.interrupt());
    await until(() => isDone(second.task_id));
    await tried('getPromptStatus of the deleted', () => client.getPromptStatus(second.task_id));
    await tried('getPromptResult of the deleted', () => client.getPromptResult(second.task_id));
    await tried('deleteItem', () => client.deleteItem('queue', filling[0].prompt_id));
    await tried('clearItems', () => client.clearItems('queue'));
    await tried('InvokedWorkflow.interrupt', () => first.interrupt());
    await waiting;
    for (const { prompt_id } of filling) if (await isRunning(prompt_id)) await client.interrupt(prompt_id);
    await until(async () => (await client.getQueue()).Running.length === 0);
    await tried('getItems', () => client.getItems('queue'));
    await tried('getPromptResult of the interrupted', () => client.getPromptResult(first.task_id));
    await tried('interrupt when idle', () => client.interrupt());
    await tried(
        'getHistory',
        () => client.getHistory(),
        ({ History }) => History.map(({ prompt }) => prompt[1]).includes(first.task_id),
    );
    await tried('deleteItem of the history', () => client.deleteItem('history', first.task_id));
    await tried(
        'getHistory of the rest',
        () => client.getHistory(),
        ({ History }) => History.map(({ prompt }) => prompt[1]).includes(first.task_id),
    );
}

async function reconnecting() {
    const again = new Promise((resolve) => client.once('reconnected', resolve));
    const invoked = built(60).instance(client);
    await invoked.enqueue();
    await until(() => isRunning(invoked.task_id));
    client.socket.close();
    await again;
    tell('reconnected', true, { result: await isRunning(invoked.task_id) });
    await tried('InvokedWorkflow.wait after a reconnect', () => invoked.wait(), imagesOf);
}

async function plugging() {
    const seen = [];
    class Watching extends Plugin {
        constructor() {
            super();
            const fn = (original, ...args) => seen.push(new URL(args[0]).pathname) && original(...args);
            this.addHook({ type: 'function', name: 'fetch', fn });
        }
    }
    const other = clientOf();
    other.use(new Watching());
    other.use(new plugins.LoginAuthPlugin({ token: 'word' }));
    await tried(
        'Plugin',
        () => other.getEmbeddings(),
        () => seen,
    );
    await tried('connect by polling', () => other.connect({ polling: { enabled: true, interval: 50 }, websocket: {} }));
    await tried('status by polling', () => new Promise((resolve) => other.once('status', resolve)));
    other.close();
}

async function begin() {
    const { prompt_id } = await client.queuePrompt(0, { prompt: sampled({ steps: 100 }), workflow: {} });
    await until(() => isRunning(prompt_id));
    tell('begun', true, { result: prompt_id });
    await client.waitForPrompt(prompt_id);
}

async function resume(jobId) {
    await tried('getPromptStatus after the crash', () => client.getPromptStatus(jobId));
    await tried('waitForPrompt after the crash', () => client.waitForPrompt(jobId, 50));
    await tried('getPromptResult after the crash', () => client.getPromptResult(jobId), imagesOf);
}

/** It has no word for keys; what it is given to fetch and to connect with can bring them. */
async function keyed() {
    await tried('without a key', () => client.getSystemStats());
    const headers = { Authorization: `Bearer ${word}` };
    const asking = (url, init) => fetch(url, { ...init, headers: { ...init?.headers, ...headers } });
    class Socket extends WebSocket {
        constructor(url) {
            super(url, { headers });
        }
    }
    const having = clientOf({ fetch: asking, WebSocket: Socket });
    await having.connect();
    const output = await tried(
        'with a key',
        () => having.enqueue(sampled()),
        async ({ images }) => sumOf(await (await asking(images.at(-1).data)).arrayBuffer()),
    );
    having.close();
    return output;
}

if (mode === 'begin') await begin();
else if (mode === 'resume') await resume(word);
else if (mode === 'keyed') await keyed();
else {
    await tried('connect', () => client.connect());
    await Promise.all([asking(), keeping(), refusals(), plugging()]);
    await listening();
    await running();
    await stopping();
    await reconnecting();
    await tried('close', () => client.close());
}
