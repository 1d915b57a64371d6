# Execute multiple workflows
./manage.sh --action execute-workflow --workflow examples/basic_text_to_image.json
./manage.sh --action execute-workflow --workflow examples/pirate_rabbit_comic_composite_v2.json

# Custom batch processing
for workflow in examples/*.json; do
    echo "Processing $workflow"
    ./manage.sh --action execute-workflow --workflow "$workflow" --output "output/$(basename "$workflow" .json)"
done
