./manage.sh --action status
