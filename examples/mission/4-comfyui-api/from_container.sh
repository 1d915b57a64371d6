# Use host machine's IP address
HOST_IP=$(hostname -I | awk '{print $1}')
curl http://$HOST_IP:8188/system_stats

# Example: 192.168.1.173:8188
curl http://192.168.1.173:8188/system_stats
