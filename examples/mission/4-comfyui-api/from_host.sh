# Standard localhost access
curl http://localhost:8188/system_stats
