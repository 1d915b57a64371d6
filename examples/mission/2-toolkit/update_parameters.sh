comfygen send workflows/my_workflow.json \
  --update "3.seed=42" \
  --update "6.text=a beautiful landscape" \
  --wait
