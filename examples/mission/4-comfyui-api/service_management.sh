# Check service status with comprehensive information
./manage.sh --action status

# Start/stop/restart service
./manage.sh --action start
./manage.sh --action stop  
./manage.sh --action restart

# View service logs
./manage.sh --action logs

# Get GPU information
./manage.sh --action gpu-info
