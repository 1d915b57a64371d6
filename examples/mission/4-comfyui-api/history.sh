curl http://localhost:8188/history/89f0e3f5-ae42-4c93-b4b7-0b3e52a0f8e5
