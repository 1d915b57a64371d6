const axios = require('axios');
const WebSocket = require('ws');

class ComfyUIClient {
    constructor(serverAddress = 'http://localhost:8188') {
        this.serverAddress = serverAddress;
        // Mended: with the client id of submitWorkflow. ComfyUI tells of a prompt only to the socket of its client id.
        this.wsAddress = serverAddress.replace('http', 'ws') + '/ws?clientId=nodejs-client';
    }
    
    async submitWorkflow(workflow, clientId = 'nodejs-client') {
        const payload = {
            client_id: clientId,
            prompt: workflow
        };
        
        const response = await axios.post(`${this.serverAddress}/prompt`, payload);
        return response.data.prompt_id;
    }
    
    async getHistory(promptId) {
        const response = await axios.get(`${this.serverAddress}/history/${promptId}`);
        return response.data;
    }
    
    connectWebSocket() {
        const ws = new WebSocket(this.wsAddress);
        
        ws.on('open', () => {
            console.log('Connected to ComfyUI WebSocket');
        });
        
        ws.on('message', (data, isBinary) => {
            // Mended: previews come as binary messages, which are no JSON and would end the program.
            if (isBinary) return;
            const message = JSON.parse(data);
            this.handleMessage(message);
        });
        
        return ws;
    }
    
    handleMessage(message) {
        switch(message.type) {
            case 'progress':
                console.log(`Progress: ${message.data.value}/${message.data.max}`);
                break;
            case 'executing':
                console.log(`Executing node: ${message.data.node}`);
                break;
        }
    }
}

// Usage
const client = new ComfyUIClient();
const ws = client.connectWebSocket();
